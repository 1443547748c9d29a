//! A file that belongs to this process as long as it runs.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// A file that belongs to this process as long as it runs: no other process claims it.
#[derive(Debug)]
pub struct ClaimedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name without its folder and what stands after the last dot.
    pub stem: String,
    file: File,
}

impl ClaimedFile {
    /// How many names are tried.
    const NAMES: usize = 64;

    /// The first of `STEM.toml`, `STEM-2.toml`, `STEM-3.toml` … in `folder` that no other process
    /// has claimed; `None` when all are claimed.
    ///
    /// # Errors
    /// When a file cannot be made or opened, or the file system knows no locks.
    pub fn claim(folder: &Path, stem: &str) -> io::Result<Option<Self>> {
        for number in 1..=Self::NAMES {
            let stem = if number == 1 { stem.to_owned() } else { format!("{stem}-{number}") };
            let path = folder.join(format!("{stem}.toml"));
            let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { path, stem, file })),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Puts `text` in place of what it holds.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.write_all(text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_a_running_process_has_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let claim = || ClaimedFile::claim(folder.path(), "running").unwrap().unwrap();
        let mut first = claim();
        first.write("first").unwrap();
        let mut second = claim();
        second.write("second").unwrap();
        assert_eq!((first.stem.as_str(), second.stem.as_str()), ("running", "running-2"));
        assert_eq!(fs::read_to_string(&first.path).unwrap(), "first");
        drop(first);
        let mut third = claim();
        third.write("3").unwrap();
        assert_eq!(third.stem, "running");
        assert_eq!(fs::read_to_string(&third.path).unwrap(), "3");
        assert_eq!(fs::read_to_string(&second.path).unwrap(), "second");
    }
}
