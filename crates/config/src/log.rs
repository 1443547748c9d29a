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

impl LogLevel {
    /// Every level with its word in the file.
    pub(crate) const WORDS: [(&str, Self); 5] = [
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];

    /// Its word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        word(self, &Self::WORDS)
    }
}

impl LogFormat {
    /// Every format with its word in the file.
    pub(crate) const WORDS: [(&str, Self); 2] = [("text", Self::Text), ("json", Self::Json)];

    /// Its word in the file.
    #[must_use]
    pub fn word(self) -> &'static str {
        word(self, &Self::WORDS)
    }
}

fn word<T: Copy + PartialEq>(value: T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}
