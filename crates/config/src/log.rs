//! What is logged, and how.

/// What is logged, and how; section `[log]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Log {
    /// The least important event that is still written.
    pub level: LogLevel,
    /// How a line looks.
    pub format: LogFormat,
}

/// How important an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// Something was lost or refused that should not have been.
    Error,
    /// Something needs an operator's eye.
    Warn,
    /// What a server does, a line per event.
    #[default]
    Info,
    /// What it decides, for a developer.
    Debug,
    /// Everything.
    Trace,
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}
