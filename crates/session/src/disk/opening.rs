//! The way from a folder to a log that can be written to.

use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::disk::error::OpenError;
use crate::disk::files::DiskFiles;
use crate::disk::folder::{Content, Folder};
use crate::disk::identity::Identity;
use crate::disk::index::Index;
use crate::disk::limits::Bounds;
use crate::disk::log::{Ground, Log, LogError};
use crate::disk::opened::{Opened, SetAside};
use crate::disk::pulse::Pulse;
use crate::disk::queue::Changes;
use crate::disk::settings::{DiskSettings, DiskSync};
use crate::disk::survey::Survey;

/// A log that can be written to, and what was found on the way.
pub(crate) struct Opening {
    pub(crate) folder: Folder,
    pub(crate) log: Log,
    pub(crate) index: Index,
    pub(crate) opened: Opened,
}

/// Opens the log in the folder of these settings, or begins one; hands out every record.
pub(crate) fn open(
    files: Arc<dyn DiskFiles>,
    settings: &DiskSettings,
    bounds: Bounds,
    mut for_each: impl FnMut(SessionKey, Bytes),
) -> Result<Opening, OpenError> {
    let DiskSettings { folder: path, server_id, server_index, sync } = settings;
    let identity = Identity { server: server_id.clone(), index: *server_index };
    let folder = Folder::enter(Arc::clone(&files), path)?;
    let ground = Ground {
        files,
        folder: folder.records(),
        bounds,
        synced: *sync != DiskSync::Never,
        pulse: Arc::new(Pulse::new()),
    };
    let mut opened = Opened::default();
    match folder.content(&identity)? {
        Content::Ours => {}
        Content::Nothing => {
            opened.new = true;
            begin(&folder, &ground, &identity)?;
        }
        Content::Unusable(why) => {
            doubt(&folder)?;
            opened.set_aside = Some(folder.set_all_aside(why)?);
            begin(&folder, &ground, &identity)?;
        }
    }
    let survey = sound(&folder, &ground, &mut opened)?;
    let marked = folder.marker().is_set();
    opened.to_be_compared = marked.map_err(OpenError::io("cannot be listed", path))?;
    opened.records = survey.index.len();
    opened.cut = survey.cut;
    let handed_out = survey.hand_out(|key, value| {
        for_each(key, value);
        Ok(())
    });
    handed_out.map_err(OpenError::io("cannot be read", &ground.folder))?;
    for path in &survey.leftovers {
        ground.files.remove_file(path).map_err(OpenError::io("cannot be removed", path))?;
    }
    let Survey { index, segments, .. } = survey;
    let log = Log::resume(ground.clone(), segments).map_err(refusal(&ground.folder))?;
    Ok(Opening { folder, log, index, opened })
}

/// Begins an empty log.
fn begin(folder: &Folder, ground: &Ground, identity: &Identity) -> Result<(), OpenError> {
    let path = folder.new_records()?;
    Log::begin(Ground { folder: path.clone(), ..ground.clone() }).map_err(refusal(&path))?;
    folder.write_identity(identity)?;
    folder.replace_records()?;
    Ok(())
}

/// What the log holds, once it is sound: a damaged one is set aside, and what can be read of it
/// makes a new one.
fn sound(folder: &Folder, ground: &Ground, opened: &mut Opened) -> Result<Survey, OpenError> {
    let records = ground.folder.as_path();
    let survey = if folder.has_records()? { survey(ground, records)? } else { Survey::missing() };
    let damage = survey.damage();
    if damage.is_empty() {
        return Ok(survey);
    }
    doubt(folder)?;
    opened.set_aside = salvage(folder, ground, &survey)?.or(opened.set_aside.take());
    opened.damage = damage;
    self::survey(ground, records)
}

fn survey(ground: &Ground, path: &Path) -> Result<Survey, OpenError> {
    Survey::of(&*ground.files, path).map_err(OpenError::io("cannot be listed", path))
}

/// From now on all records are to be compared.
fn doubt(folder: &Folder) -> Result<(), OpenError> {
    folder
        .marker()
        .set()
        .map_err(OpenError::io("cannot be marked as to be compared", &folder.records()))
}

/// Makes a new log of what can be read.
fn salvage(
    folder: &Folder,
    ground: &Ground,
    survey: &Survey,
) -> Result<Option<SetAside>, OpenError> {
    let path = folder.new_records()?;
    let ground = Ground { folder: path.clone(), ..ground.clone() };
    let eager = ground.bounds.eager;
    let mut log = Log::begin(ground).map_err(refusal(&path))?;
    let mut changes = Changes::new();
    let mut bytes = 0;
    let read = survey.hand_out(|key, value| {
        bytes += value.len();
        changes.insert(key, Some(value));
        if bytes >= eager {
            append(&mut log, &changes)?;
            changes.clear();
            bytes = 0;
        }
        Ok(())
    });
    let written = read.and_then(|()| append(&mut log, &changes));
    written.map_err(OpenError::io("what can be read of the records cannot be kept", &path))?;
    log.finish().map_err(refusal(&path))?;
    folder.replace_records()
}

fn append(log: &mut Log, changes: &Changes) -> io::Result<()> {
    let appended = log.append(changes.iter().map(|(key, value)| (*key, value.as_ref())));
    appended.map(drop).map_err(as_io)
}

fn as_io(error: LogError) -> io::Error {
    match error {
        LogError::Full => io::Error::from(io::ErrorKind::StorageFull),
        LogError::Failed(text) => io::Error::other(text),
    }
}

fn refusal(path: &Path) -> impl FnOnce(LogError) -> OpenError {
    move |error| OpenError::io("the log cannot be begun", path)(as_io(error))
}
