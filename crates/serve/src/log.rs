//! Where log lines go, and how they look.

use std::io::IsTerminal;
use std::sync::OnceLock;

use copal_config::log::{Log, LogFormat, LogLevel};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Registry;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload::{Handle, Layer};
use tracing_subscriber::util::SubscriberInitExt as _;

/// What changes the level, once logging has begun.
static LEVEL: OnceLock<Handle<LevelFilter, Registry>> = OnceLock::new();

/// Sends log lines to standard error from now on. Only the first call of a process counts.
pub fn begin(log: Log) {
    let (level, handle) = Layer::new(filter(log.level));
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        // A log that nobody reads any more must not take the server down: the library would
        // report it on standard error, which is what has gone, and panic.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    let all = tracing_subscriber::registry().with(level);
    let begun = match log.format {
        LogFormat::Text => all.with(lines.with_target(false)).try_init(),
        LogFormat::Json => {
            all.with(lines.json().flatten_event(true).with_current_span(false)).try_init()
        }
    };
    match begun {
        // Nobody else has begun, so nobody else has set it.
        Ok(()) => drop(LEVEL.set(handle)),
        Err(error) => tracing::debug!(%error, "logging had begun already"),
    }
}

/// Changes which events are written, from now on. Does nothing in a process that logs otherwise
/// than by [`begin`].
pub fn set_level(level: LogLevel) {
    if let Some(handle) = LEVEL.get()
        && let Err(error) = handle.reload(filter(level))
    {
        tracing::warn!(%error, "the log level stays as it was");
    }
}

fn filter(level: LogLevel) -> LevelFilter {
    match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_changes_in_place() {
        let seen =
            || [tracing::enabled!(tracing::Level::WARN), tracing::enabled!(tracing::Level::DEBUG)];
        begin(Log { level: LogLevel::Warn, format: LogFormat::Json });
        assert_eq!(seen(), [true, false]);
        set_level(LogLevel::Debug);
        assert_eq!(seen(), [true, true]);
        begin(Log { level: LogLevel::Trace, format: LogFormat::Text });
        set_level(LogLevel::Error);
        assert_eq!(seen(), [false, false]);
    }
}
