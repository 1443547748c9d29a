//! Why certificates cannot be used.

use std::io;
use std::path::PathBuf;

/// Why the files of a `[tls.NAME]` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is not there, or may not be read.
    #[error("{key} of [tls.{name}]: {path} cannot be read: {source}", path = path.display())]
    Unreadable {
        /// The name in the configuration.
        name: String,
        /// The key that names the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{key} of [tls.{name}]: {path}: {what}", path = path.display())]
    Unusable {
        /// The name in the configuration.
        name: String,
        /// The key that names the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
}
