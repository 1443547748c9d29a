//! A disk without room: reported, tried again, and nothing is lost.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::tempdir;

use crate::disk::error::DiskError;
use crate::disk::settings::DiskSync;
use crate::disk::state::DiskState;
use crate::disk::tests::rig::{
    Records, close, key, open, open_real, put, remove, value, when_safe,
};
use crate::disk::tests::sim::{PATIENCE, Sim};

#[test]
fn what_has_no_room_waits_until_there_is_some() {
    // Wherever in a frame, a mark or a new segment the room ends.
    for room in (3_000..4_500).step_by(7) {
        let sim = Sim::default();
        let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
        sim.set_room(Some(room));
        let mut expected = Records::new();
        let mut number = 0;
        loop {
            expected.insert(key(number), value(number, 1));
            match put(&disk, key(number), value(number, 1)).wait() {
                Ok(()) => number += 1,
                Err(error) => break assert_eq!(error, DiskError::Full),
            }
        }
        assert!(matches!(disk.state(), DiskState::Full { .. }), "{:?}", disk.state());
        // It is known, newer versions are taken, and who waits is told at once.
        assert_eq!(disk.get(key(number)), Ok(Some(value(number, 1))));
        assert_eq!(put(&disk, key(number), value(number, 2)).wait(), Err(DiskError::Full));
        assert_eq!(remove(&disk, key(0)).wait(), Err(DiskError::Full));
        assert_eq!(disk.get(key(0)), Ok(None));
        assert!(!disk.has_newest(key(number)));
        expected.insert(key(number), value(number, 2));
        expected.remove(&key(0));
        sim.set_room(None);
        while let Err(error) = when_safe(&disk).wait() {
            assert_eq!(error, DiskError::Full);
        }
        assert_eq!(disk.state(), DiskState::Working);
        assert!(disk.figures().errors > 0);
        close(disk);
        let (_, opened, records) = open(&sim, DiskSync::Always).unwrap();
        assert!(!opened.to_be_compared, "{opened:?}");
        assert_eq!(records, expected);
    }
}

#[test]
fn a_full_disk_is_closed_and_says_what_is_missing() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    put(&disk, key(1), value(1, 1)).wait().unwrap();
    sim.set_room(Some(0));
    assert_eq!(put(&disk, key(2), value(2, 1)).wait(), Err(DiskError::Full));
    assert_eq!(disk.close(PATIENCE), Err(DiskError::Unfinished(1)));
    sim.set_room(None);
    let (_, opened, records) = open(&sim, DiskSync::Always).unwrap();
    assert_eq!((opened.to_be_compared, records.len()), (false, 1));
}

#[test]
fn the_queue_of_a_full_disk_is_bounded() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    sim.set_room(Some(0));
    let refused: Vec<_> =
        (0..150).filter(|number| disk.put(key(*number), value(*number, 1)).is_err()).collect();
    assert_eq!(refused, (100..150).collect::<Vec<_>>());
    assert!(disk.is_saturated());
    assert_eq!(disk.get(key(120)), Err(DiskError::NotTaken));
    sim.set_room(None);
    while when_safe(&disk).wait().is_err() {}
    assert!(!disk.is_saturated());
    let mut owed = disk.not_taken(1000);
    owed.sort_unstable();
    assert_eq!(owed, (100..150).map(key).collect::<Vec<_>>());
    for number in 100..150 {
        disk.put(key(number), value(number, 2)).unwrap();
    }
    assert_eq!(disk.not_taken(1000), []);
    close(disk);
    assert_eq!(open(&sim, DiskSync::Always).unwrap().2.len(), 150);
}

struct Mount<'a>(&'a Path);

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0).status());
    }
}

#[test]
fn a_file_system_that_is_really_full() {
    let folder = tempdir().unwrap();
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
        .arg(folder.path())
        .output();
    if !mount.is_ok_and(|output| output.status.success()) {
        println!("skipped, needs CAP_SYS_ADMIN");
        return;
    }
    let _mount = Mount(folder.path());
    let ballast = folder.path().join("ballast");
    fs::write(&ballast, vec![1; 4 << 20]).unwrap();
    let records = folder.path().join("sessions");
    let (disk, ..) = open_real(&records, DiskSync::Every(Duration::from_secs(3600))).unwrap();
    let record = |number: u32| bytes::Bytes::from(number.to_string().repeat(5000));
    let mut number = 0;
    loop {
        number += 1;
        match put(&disk, key(number), record(number)).wait() {
            Ok(()) => assert!(number < 10_000),
            Err(error) => break assert_eq!(error, DiskError::Full),
        }
    }
    assert!(matches!(disk.state(), DiskState::Full { .. }));
    fs::remove_file(&ballast).unwrap();
    while when_safe(&disk).wait().is_err() {}
    assert_eq!(disk.state(), DiskState::Working);
    close(disk);
    let (_disk, opened, records) = open_real(&records, DiskSync::Always).unwrap();
    assert!(!opened.to_be_compared);
    assert_eq!(records.len(), number as usize);
    assert!((1..=number).all(|number| records[&key(number)] == record(number)));
}
