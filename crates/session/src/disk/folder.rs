//! The folder of the disk copy: whose it is, what it holds beside the log, what is set aside in it.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::error::OpenError;
use crate::disk::files::{DiskFiles, Lock};
use crate::disk::identity::{self, Claim, Identity};
use crate::disk::limits::{MAX_IDENTITY, MAX_SET_ASIDE};
use crate::disk::opened::{SetAside, Why};

const LOCK: &str = "lock";
const IDENTITY: &str = "identity";
const NEW_IDENTITY: &str = "identity.new";
const RECORDS: &str = "records";
const NEW_RECORDS: &str = "records.new";
const TO_BE_COMPARED: &str = "to-be-compared";
const SET_ASIDE: &str = "set-aside-";

/// The folder of the disk copy. Nobody else uses it while this lives.
pub(crate) struct Folder {
    files: Arc<dyn DiskFiles>,
    path: PathBuf,
    lock: Arc<Lock>,
}

/// What the folder says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// There is nothing in it.
    Nothing,
    /// The sessions of this server.
    Ours,
    /// Something that we cannot use, for this reason.
    Unusable(Why),
}

/// The file that says that all records are to be compared with the peers.
pub(crate) struct Marker {
    files: Arc<dyn DiskFiles>,
    folder: PathBuf,
}

impl Folder {
    /// Makes the folder if need be, and locks it.
    pub(crate) fn enter(files: Arc<dyn DiskFiles>, path: &Path) -> Result<Self, OpenError> {
        files.make_folder(path).map_err(OpenError::io("the folder cannot be made", path))?;
        // That the folder itself outlives a power cut; above it we may not be allowed to.
        if let Some(above) = path.parent().filter(|above| !above.as_os_str().is_empty()) {
            drop(files.sync_folder(above));
        }
        let lock = path.join(LOCK);
        let taken = files.lock(&lock).map_err(OpenError::io("cannot be locked", &lock))?;
        let lock = taken.ok_or_else(|| OpenError::InUse { folder: path.to_owned() })?;
        Ok(Self { files, path: path.to_owned(), lock: Arc::new(lock) })
    }

    /// The lock, for whoever works on in the folder.
    pub(crate) fn lock(&self) -> Arc<Lock> {
        Arc::clone(&self.lock)
    }

    /// The folder of the log.
    pub(crate) fn records(&self) -> PathBuf {
        self.path.join(RECORDS)
    }

    pub(crate) fn marker(&self) -> Marker {
        Marker { files: Arc::clone(&self.files), folder: self.path.clone() }
    }

    /// What the folder holds, as seen by this server.
    pub(crate) fn content(&self, ours: &Identity) -> Result<Content, OpenError> {
        let names = self.names()?;
        if !names.iter().any(|name| name == IDENTITY) {
            // What was begun before there was an identity holds nothing.
            let begun = |name: &OsString| name == NEW_RECORDS || name == NEW_IDENTITY;
            let nothing = names.iter().all(begun);
            return Ok(if nothing { Content::Nothing } else { Content::Unusable(Why::NoIdentity) });
        }
        let path = self.path.join(IDENTITY);
        let bytes = self.read(&path).map_err(OpenError::io("cannot be read", &path))?;
        match identity::read(&bytes) {
            Claim::Of(theirs) if theirs == *ours => Ok(Content::Ours),
            Claim::Of(theirs) => Err(OpenError::AnotherServer {
                folder: self.path.clone(),
                theirs: theirs.to_string(),
                ours: ours.to_string(),
            }),
            Claim::Version(version) => Ok(Content::Unusable(Why::UnknownVersion(version))),
            Claim::Nothing => Ok(Content::Unusable(Why::NoIdentity)),
        }
    }

    /// Moves all that is in the folder into one of its own.
    pub(crate) fn set_all_aside(&self, why: Why) -> Result<SetAside, OpenError> {
        let names = self.names()?;
        let folder = self.free_name()?;
        self.files.make_folder(&folder).map_err(OpenError::io("cannot be made", &folder))?;
        // The identity last: until then the next start would do the same again.
        let (identity, others): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|name| name == IDENTITY);
        for name in others.iter().chain(&identity) {
            self.rename(&self.path.join(name), &folder.join(name))?;
        }
        self.sync()?;
        Ok(SetAside { folder, why })
    }

    /// An empty folder in which a log is made before it takes its place.
    pub(crate) fn new_records(&self) -> Result<PathBuf, OpenError> {
        let path = self.path.join(NEW_RECORDS);
        if self.names()?.iter().any(|name| name == NEW_RECORDS) {
            let removed = self.files.remove_folder(&path);
            removed.map_err(OpenError::io("cannot be removed", &path))?;
        }
        self.files.make_folder(&path).map_err(OpenError::io("cannot be made", &path))?;
        Ok(path)
    }

    /// Writes whose the folder is.
    pub(crate) fn write_identity(&self, ours: &Identity) -> Result<(), OpenError> {
        let path = self.path.join(NEW_IDENTITY);
        let written = self.files.create(&path).and_then(|file| {
            file.write_at(ours.write().as_bytes(), 0)?;
            file.sync()
        });
        written.map_err(OpenError::io("cannot be written", &path))?;
        self.rename(&path, &self.path.join(IDENTITY))
    }

    /// The log that was made becomes the log. One that is there is set aside.
    pub(crate) fn replace_records(&self) -> Result<Option<SetAside>, OpenError> {
        let records = self.records();
        let set_aside = if self.names()?.iter().any(|name| name == RECORDS) {
            let folder = self.free_name()?;
            self.rename(&records, &folder)?;
            Some(SetAside { folder, why: Why::Damaged })
        } else {
            None
        };
        self.rename(&self.path.join(NEW_RECORDS), &records)?;
        self.sync()?;
        Ok(set_aside)
    }

    /// Whether there is a log; one that was made and did not take its place yet does so now.
    pub(crate) fn has_records(&self) -> Result<bool, OpenError> {
        let names = self.names()?;
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        if !has(RECORDS) && has(NEW_RECORDS) {
            self.replace_records()?;
            return Ok(true);
        }
        Ok(has(RECORDS))
    }

    /// All names in the folder but those that stay whatever happens.
    fn names(&self) -> Result<Vec<OsString>, OpenError> {
        let names = self.files.list(&self.path);
        let mut names = names.map_err(OpenError::io("cannot be listed", &self.path))?;
        names.retain(|name| name != LOCK && !is_set_aside(name) && name != TO_BE_COMPARED);
        Ok(names)
    }

    fn free_name(&self) -> Result<PathBuf, OpenError> {
        let names = self.files.list(&self.path);
        let names = names.map_err(OpenError::io("cannot be listed", &self.path))?;
        let mut candidates = (1..MAX_SET_ASIDE).map(|number| format!("{SET_ASIDE}{number}"));
        let free = candidates.find(|name| !names.iter().any(|taken| *taken == **name));
        let none = || io::Error::other("too much was set aside already");
        let free = free
            .ok_or_else(none)
            .map_err(OpenError::io("nothing more can be set aside", &self.path))?;
        Ok(self.path.join(free))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.files.open(path)?;
        let length = file.length()?.min(MAX_IDENTITY);
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        file.read_at(&mut bytes, 0)?;
        Ok(bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), OpenError> {
        self.files.rename(from, to).map_err(OpenError::io("cannot be renamed", from))
    }

    fn sync(&self) -> Result<(), OpenError> {
        self.files.sync_folder(&self.path).map_err(OpenError::io("cannot be synced", &self.path))
    }
}

impl Marker {
    /// Whether all records are to be compared.
    pub(crate) fn is_set(&self) -> io::Result<bool> {
        Ok(self.files.list(&self.folder)?.iter().any(|name| name == TO_BE_COMPARED))
    }

    /// All records are to be compared, also after the next start.
    pub(crate) fn set(&self) -> io::Result<()> {
        self.files.create(&self.folder.join(TO_BE_COMPARED))?.sync()?;
        self.files.sync_folder(&self.folder)
    }

    /// All records were compared.
    pub(crate) fn remove(&self) -> io::Result<()> {
        if self.is_set()? {
            self.files.remove_file(&self.folder.join(TO_BE_COMPARED))?;
            self.files.sync_folder(&self.folder)?;
        }
        Ok(())
    }
}

fn is_set_aside(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(SET_ASIDE))
}
