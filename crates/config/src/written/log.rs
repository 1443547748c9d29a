//! The section `[log]`.

use crate::log::{Log, LogFormat, LogLevel};
use crate::written::section::Section;
use crate::written::table::Table;

/// Reads the section `[log]`.
pub(crate) fn log(top: &Table<'_>) -> Log {
    let Some(table) = top.table("log", Section::Log) else {
        return Log::default();
    };
    let log = Log {
        level: table.choice("level", &LogLevel::WORDS).or(LogLevel::default()),
        format: table.choice("format", &LogFormat::WORDS).or(LogFormat::default()),
    };
    table.finish();
    log
}
