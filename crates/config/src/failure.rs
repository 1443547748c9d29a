//! Why there is no configuration.

use std::path::PathBuf;

use crate::config_path::{PLACES, VARIABLE};
use crate::report::Report;

/// Why there is no configuration. The operator's to mend; nothing was started or changed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// No file was named, and none was found.
    #[error(
        "no configuration: name a file with --config FILE or in {VARIABLE}, or have one at {}; \
         `copal up --demo` needs none",
        PLACES.join(" here or at ")
    )]
    NotFound,
    /// The file is not there, or may not be read.
    #[error("cannot read the configuration file {}: {error}", path.display())]
    Unreadable {
        /// The file as it was named.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The file is larger than a configuration can be.
    #[error("{}: larger than {limit} bytes, so not a configuration file", path.display())]
    TooLarge {
        /// The file as it was named.
        path: PathBuf,
        /// The most bytes that a file may have.
        limit: usize,
    },
    /// The file is not text.
    #[error("{}:{line}: a byte here is not UTF-8; the configuration file is TOML, which is UTF-8 text", path.display())]
    NotText {
        /// The file as it was named.
        path: PathBuf,
        /// The line of the first such byte, from 1.
        line: usize,
    },
    /// What is wrong with the file was reported already.
    #[error("{} is not usable; nothing was started", .0.display())]
    Reported(PathBuf),
    /// The file was read, and rules of it are broken.
    #[error("{0}")]
    Broken(Report),
}
