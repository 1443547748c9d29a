//! The file operations that the disk copy needs, so that tests can let each of them fail.

use std::any::Any;
use std::ffi::OsString;
use std::fmt::Debug;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A file that is open.
pub(crate) type Open = Arc<dyn DiskFile>;

/// What keeps others out while it lives.
pub(crate) type Lock = Box<dyn Any + Send + Sync>;

/// Operations on names.
pub(crate) trait DiskFiles: Debug + Send + Sync {
    /// Makes the folder and those above it, unless they are there.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;
    /// The names in the folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>>;
    /// Makes the file; one of that name is emptied.
    fn create(&self, path: &Path) -> io::Result<Open>;
    /// Opens the file, which must be there.
    fn open(&self, path: &Path) -> io::Result<Open>;
    /// Gives a file or folder another name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes the file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes the folder and what is in it.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;
    /// Returns when the names in the folder are safe.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Takes the lock, or returns `None` if somebody else has it.
    fn lock(&self, path: &Path) -> io::Result<Option<Lock>>;
}

/// Operations on what is in a file.
pub(crate) trait DiskFile: Debug + Send + Sync {
    /// How many bytes it has.
    fn length(&self) -> io::Result<u64>;
    /// Fills all of `bytes` from this place on.
    fn read_at(&self, bytes: &mut [u8], at: u64) -> io::Result<()>;
    /// Writes all of `bytes` at this place.
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<()>;
    /// Cuts off what is behind `length`.
    fn cut(&self, length: u64) -> io::Result<()>;
    /// Returns when what was written is safe.
    fn sync(&self) -> io::Result<()>;
}
