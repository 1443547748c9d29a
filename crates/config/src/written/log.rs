//! The section `[log]`.

use crate::log::{Log, LogFormat, LogLevel};
use crate::written::section::Section;
use crate::written::table::Table;

const LEVELS: [(&str, LogLevel); 5] = [
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];

/// Reads the section `[log]`.
pub(crate) fn log(top: &Table<'_>) -> Log {
    let Some(table) = top.table("log", Section::Log) else {
        return Log::default();
    };
    let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
    let log = Log {
        level: table.choice("level", &LEVELS).or(LogLevel::default()),
        format: table.choice("format", &formats).or(LogFormat::default()),
    };
    table.finish();
    log
}
