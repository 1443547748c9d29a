//! Disks for tests: opened, written to and looked into with few words.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;

use crate::disk::Disk;
use crate::disk::error::{DiskError, OpenError};
use crate::disk::limits::Bounds;
use crate::disk::opened::Opened;
use crate::disk::settings::{DiskSettings, DiskSync};
use crate::disk::tests::sim::{PATIENCE, Sim};

/// The records of a disk.
pub(super) type Records = BTreeMap<SessionKey, Bytes>;

/// Bounds that a test reaches with some hundred records.
pub(super) const SMALL: Bounds = Bounds {
    segment: 2_000,
    queue_bytes: 20_000,
    queue_keys: 100,
    eager: 5_000,
    cleaned_at_once: 500,
    retry_first: Duration::from_millis(1),
    retry_last: Duration::from_millis(2),
};

pub(super) fn key(number: u32) -> SessionKey {
    SessionKey::parse(format!("{number:011}").as_bytes()).unwrap()
}

/// A value that says whose it is, and which version.
pub(super) fn value(number: u32, version: u32) -> Bytes {
    let filling = "x".repeat(20 + (number as usize * 37 + version as usize * 11) % 60);
    Bytes::from(format!("{number}/{version}/{filling}"))
}

/// Number and version of a value.
pub(super) fn read_value(value: &[u8]) -> Option<(u32, u32)> {
    let text = str::from_utf8(value).ok()?;
    let mut parts = text.split('/');
    let (number, version) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (self::value(number, version) == value).then_some((number, version))
}

pub(super) fn settings(folder: &Path, sync: DiskSync) -> DiskSettings {
    DiskSettings {
        folder: folder.to_owned(),
        sync,
        server_id: "app-a".to_owned(),
        server_index: ServerIndex::new(0).unwrap(),
    }
}

/// Opens a disk in memory.
pub(super) fn open(sim: &Sim, sync: DiskSync) -> Result<(Disk, Opened, Records), OpenError> {
    let mut records = Records::new();
    let settings = settings(Path::new("/disk"), sync);
    let (disk, opened) = Disk::open_in(Arc::new(sim.clone()), &settings, SMALL, |key, value| {
        assert_eq!(records.insert(key, value), None, "every record is handed out once");
    })?;
    assert_eq!(opened.records, records.len());
    Ok((disk, opened, records))
}

/// Opens a disk in a folder.
pub(super) fn open_real(
    folder: &Path,
    sync: DiskSync,
) -> Result<(Disk, Opened, Records), OpenError> {
    let mut records = Records::new();
    let (disk, opened) = Disk::open(&settings(folder, sync), |key, value| {
        assert_eq!(records.insert(key, value), None, "every record is handed out once");
    })?;
    Ok((disk, opened, records))
}

/// What a disk is told when something is safe.
pub(super) struct Told(Receiver<Result<(), DiskError>>);

impl Told {
    pub(super) fn wait(&self) -> Result<(), DiskError> {
        self.0.recv_timeout(PATIENCE).expect("somebody tells")
    }

    pub(super) fn has_been(&self) -> bool {
        self.0.try_recv().is_ok()
    }
}

pub(super) fn put(disk: &Disk, key: SessionKey, value: Bytes) -> Told {
    let (tell, told) = mpsc::channel();
    disk.put_synced(key, value, move |result| drop(tell.send(result)));
    Told(told)
}

pub(super) fn remove(disk: &Disk, key: SessionKey) -> Told {
    let (tell, told) = mpsc::channel();
    disk.remove_synced(key, move |result| drop(tell.send(result)));
    Told(told)
}

pub(super) fn when_safe(disk: &Disk) -> Told {
    let (tell, told) = mpsc::channel();
    disk.when_safe(move |result| drop(tell.send(result)));
    Told(told)
}

pub(super) fn close(disk: Disk) {
    disk.close(PATIENCE).unwrap();
}
