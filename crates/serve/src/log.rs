//! Where log lines go, and how they look.

use std::io::IsTerminal;

use copal_config::log::{Log, LogFormat, LogLevel};
use tracing::level_filters::LevelFilter;

/// Sends log lines to standard error from now on. Only the first call of a process counts.
pub fn begin(log: Log) {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        // A log that nobody reads any more must not take the server down: the library would
        // report it on standard error, which is what has gone, and panic.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    let begun = match log.format {
        LogFormat::Text => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).try_init(),
    };
    if let Err(error) = begun {
        tracing::debug!(%error, "logging had begun already");
    }
}
