//! What the reader asks of the world outside the file.

use std::path::Path;

/// What the reader asks of the world outside the file: where secrets come from,
/// and which folders there are.
pub trait Environment {
    /// The value of an environment variable; `None` when it is not set.
    fn variable(&self, name: &str) -> Option<Vec<u8>>;

    /// The first `most` bytes of a file, at least one more when the file is longer.
    ///
    /// # Errors
    /// What the system says when the file cannot be read.
    fn file(&self, path: &Path, most: usize) -> std::io::Result<Vec<u8>>;

    /// Whether there is a folder at `path`. A world that does not know says yes.
    ///
    /// # Errors
    /// What the system says when there is none.
    fn folder(&self, _path: &Path) -> std::io::Result<()> {
        Ok(())
    }
}
