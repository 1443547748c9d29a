//! A folder of files, opened once, that nothing leads out of.

use std::ffi::OsStr;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;

use crate::files::validators::{Modified, Validators};

/// How often a lookup is begun again while somebody renames folders under it.
const TRIES: usize = 8;

/// How the kernel is kept beneath the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beneath {
    /// `openat2`: symlinks are followed as long as they stay beneath the root.
    Resolve,
    /// One `openat` for each name, for kernels without `openat2`: no symlink is followed.
    Walk,
}

/// A folder of files, opened once, that nothing leads out of. When the folder is renamed or
/// replaced, the one that was opened goes on to be served.
#[derive(Debug)]
pub struct Root {
    folder: OwnedFd,
    beneath: Beneath,
    keys: RandomState,
}

/// What a name stands for.
#[derive(Debug)]
pub enum Found {
    /// A regular file.
    File(OpenFile),
    /// A folder.
    Folder,
    /// Nothing that may be sent.
    Nothing,
}

/// A regular file, open for reading.
#[derive(Debug)]
pub struct OpenFile {
    /// The file; to be read by position.
    pub file: File,
    /// Its name, relative to the root.
    pub name: Vec<u8>,
    /// Its length in bytes.
    pub size: u64,
    /// When its content was changed last.
    pub modified: Modified,
}

impl Root {
    /// Opens the folder at `path`.
    ///
    /// # Errors
    /// There is no folder at `path`, or it may not be opened.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(CWD, path, flags, Mode::empty())?;
        let beneath = match openat2(&folder, ".", flags, Mode::empty(), ResolveFlags::BENEATH) {
            Ok(_) => Beneath::Resolve,
            // No such call, or a sandbox that knows no such call.
            Err(Errno::NOSYS | Errno::PERM) => Beneath::Walk,
            Err(other) => return Err(other.into()),
        };
        Ok(Self { folder, beneath, keys: RandomState::new() })
    }

    /// The same root with another way of looking.
    #[cfg(test)]
    pub(crate) fn looking_by(self, beneath: Beneath) -> Self {
        Self { beneath, ..self }
    }

    /// What stands at `name`, which is a [`FileName`](crate::files::file_name::FileName)'s.
    ///
    /// # Errors
    /// The server's own trouble: no descriptor or memory left, a disk that fails.
    pub fn find(&self, name: &[u8]) -> io::Result<Found> {
        let opened = match self.beneath {
            Beneath::Resolve => resolve(self.folder.as_fd(), name),
            Beneath::Walk => walk(self.folder.as_fd(), name),
        };
        let file = match opened {
            Ok(opened) => File::from(opened),
            Err(error) if is_nothing(error) => return Ok(Found::Nothing),
            Err(error) => return Err(error.into()),
        };
        let facts = file.metadata()?;
        if facts.is_dir() {
            return Ok(Found::Folder);
        }
        if !facts.is_file() {
            return Ok(Found::Nothing);
        }
        let modified = Modified { seconds: facts.mtime(), nanoseconds: facts.mtime_nsec() };
        Ok(Found::File(OpenFile { file, name: name.to_vec(), size: facts.len(), modified }))
    }

    /// A boundary for the parts of a file that nobody who wrote the file could foresee.
    #[must_use]
    pub fn boundary(&self, validators: &Validators) -> String {
        let etag = validators.etag();
        format!("{:016x}{:016x}", self.keys.hash_one((0, etag)), self.keys.hash_one((1, etag)))
    }
}

/// Never waits: not for the writer of a FIFO, nor for a terminal.
const READ: OFlags =
    OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

fn resolve(folder: BorrowedFd<'_>, name: &[u8]) -> Result<OwnedFd, Errno> {
    let within = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let mut last = Errno::AGAIN;
    for _ in 0..TRIES {
        match openat2(folder, OsStr::from_bytes(name), READ, Mode::empty(), within) {
            Err(again @ (Errno::AGAIN | Errno::INTR)) => last = again,
            done => return done,
        }
    }
    Err(last)
}

fn walk(folder: BorrowedFd<'_>, name: &[u8]) -> Result<OwnedFd, Errno> {
    let pass = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut here: Option<OwnedFd> = None;
    let mut names = name.split(|byte| *byte == b'/').peekable();
    while let Some(name) = names.next() {
        let flags = if names.peek().is_some() { pass } else { READ | OFlags::NOFOLLOW };
        let at = here.as_ref().map_or(folder, AsFd::as_fd);
        here = Some(openat(at, OsStr::from_bytes(name), flags, Mode::empty())?);
    }
    here.ok_or(Errno::NOENT)
}

/// Whether an error means that there is nothing to send, as far as a client may know.
fn is_nothing(error: Errno) -> bool {
    matches!(
        error,
        Errno::NOENT
            | Errno::NOTDIR
            | Errno::LOOP
            | Errno::XDEV
            | Errno::ACCESS
            | Errno::PERM
            | Errno::NAMETOOLONG
            | Errno::INVAL
            | Errno::ILSEQ
            | Errno::NXIO
            | Errno::NODEV
            | Errno::OPNOTSUPP
    )
}
