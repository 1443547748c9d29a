//! Whose folder it is, and folders that cannot be used.

use std::fs;

use tempfile::tempdir;

use copal_protocol::server_index::ServerIndex;

use crate::disk::Disk;
use crate::disk::error::OpenError;
use crate::disk::opened::Why;
use crate::disk::settings::DiskSync;
use crate::disk::tests::rig::{close, key, open_real, put, settings, value};

#[test]
fn the_folder_of_another_server_is_refused() {
    let folder = tempdir().unwrap();
    let (disk, ..) = open_real(folder.path(), DiskSync::Always).unwrap();
    put(&disk, key(1), value(1, 1)).wait().unwrap();
    close(disk);
    let ours = settings(folder.path(), DiskSync::Always);
    let mut renamed = ours.clone();
    renamed.server_id = "app-b".to_owned();
    let mut moved = ours;
    moved.server_index = ServerIndex::new(1).unwrap();
    let rows = [(renamed, "app-b (index 0)"), (moved, "app-a (index 1)")];
    for (settings, who) in rows {
        let error = Disk::open(&settings, |_, _| panic!("nothing is handed out")).unwrap_err();
        let text = error.to_string();
        let expected = format!(
            "{} holds the sessions of server app-a (index 0), and this is server {who}: give this \
             server another `path` in its `persistent-store`, or give it its former id and index \
             back; the folder was left as it is",
            folder.path().display()
        );
        assert_eq!(text, expected);
    }
    let (_disk, opened, records) = open_real(folder.path(), DiskSync::Always).unwrap();
    assert_eq!((opened.records, opened.set_aside), (1, None));
    assert_eq!(records[&key(1)], value(1, 1));
}

#[test]
fn two_processes_cannot_use_one_folder() {
    let folder = tempdir().unwrap();
    let (disk, ..) = open_real(folder.path(), DiskSync::Always).unwrap();
    let error = open_real(folder.path(), DiskSync::Always).unwrap_err();
    assert!(matches!(error, OpenError::InUse { .. }));
    assert!(error.to_string().contains("in use by another process"), "{error}");
    // The same, as another program sees it.
    let lock = folder.path().join("lock");
    let status = std::process::Command::new("flock").arg("-n").arg(&lock).arg("true").status();
    match status {
        Ok(status) => assert!(!status.success(), "another process gets the lock"),
        Err(error) => println!("the half with another process was skipped, no flock: {error}"),
    }
    close(disk);
    open_real(folder.path(), DiskSync::Always).unwrap();
}

#[test]
fn another_version_is_set_aside_and_never_deleted() {
    let folder = tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("identity", "copal-sessions\nversion 7\nof tomorrow\n");
    write("sessions.db", "of tomorrow");
    let (disk, opened, records) = open_real(folder.path(), DiskSync::Always).unwrap();
    assert_eq!(records.len(), 0);
    let set_aside = opened.set_aside.unwrap();
    assert_eq!(set_aside.why, Why::UnknownVersion(7));
    assert_eq!(fs::read(set_aside.folder.join("sessions.db")).unwrap(), b"of tomorrow");
    assert!(set_aside.folder.join("identity").exists());
    assert!(opened.to_be_compared, "there may have been records");
    assert!(!opened.new);
    put(&disk, key(1), value(1, 1)).wait().unwrap();
    close(disk);

    // Once more, beside the first.
    write("identity", "copal-sessions\nversion 8\n");
    let (disk, opened, _) = open_real(folder.path(), DiskSync::Always).unwrap();
    let second = opened.set_aside.unwrap();
    assert_ne!(second.folder, set_aside.folder);
    assert!(set_aside.folder.exists() && second.folder.join("records").exists());
    close(disk);
}

#[test]
fn what_belongs_to_nobody_is_set_aside() {
    for identity in [None, Some("nonsense")] {
        let folder = tempdir().unwrap();
        let (disk, ..) = open_real(folder.path(), DiskSync::Always).unwrap();
        put(&disk, key(1), value(1, 1)).wait().unwrap();
        close(disk);
        let path = folder.path().join("identity");
        match identity {
            None => fs::remove_file(path).unwrap(),
            Some(text) => fs::write(path, text).unwrap(),
        }
        let (_disk, opened, records) = open_real(folder.path(), DiskSync::Always).unwrap();
        assert_eq!(opened.set_aside.unwrap().why, Why::NoIdentity);
        assert!(opened.to_be_compared);
        assert_eq!(records.len(), 0);
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_that_names_it() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = open_real(&file.join("sessions"), DiskSync::Always).unwrap_err();
    assert!(error.to_string().contains("file/sessions"), "{error}");
}
