//! The variables and files that this process can read.

use std::io::Read as _;
use std::path::Path;

use crate::environment::Environment;

/// The variables and files that this process can read.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        // `var_os` would panic on some platforms for a name that cannot be one.
        if name.is_empty() || name.contains(['=', '\0']) {
            return None;
        }
        std::env::var_os(name).map(std::ffi::OsString::into_encoded_bytes)
    }

    fn file(&self, path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
        let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(bound).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn folder(&self, path: &Path) -> std::io::Result<()> {
        if std::fs::metadata(path)?.is_dir() {
            return Ok(());
        }
        Err(std::io::ErrorKind::NotADirectory.into())
    }
}
