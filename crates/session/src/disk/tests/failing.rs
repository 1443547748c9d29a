//! A disk that fails or hangs.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::disk::clock;
use crate::disk::error::DiskError;
use crate::disk::files::DiskFiles;
use crate::disk::settings::DiskSync;
use crate::disk::state::DiskState;
use crate::disk::tests::rig::{close, key, open, put, value, when_safe};
use crate::disk::tests::sim::{Left, PATIENCE, Sim};

#[test]
fn after_a_sync_that_failed_the_log_is_not_used_any_more() {
    for (sync, write) in [(true, false), (false, true)] {
        let sim = Sim::default();
        let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
        put(&disk, key(1), value(1, 1)).wait().unwrap();
        put(&disk, key(2), value(2, 1)).wait().unwrap();
        sim.let_sync_fail(sync);
        sim.let_write_fail(write);
        let error = put(&disk, key(1), value(1, 2)).wait().unwrap_err();
        let text = if sync {
            "the log cannot be synced: injected"
        } else {
            "the log cannot be written: injected"
        };
        assert_eq!(error, DiskError::Failed(text.to_owned()));
        assert_eq!(disk.state(), DiskState::Failed(text.to_owned()));
        // It would work again, and is not tried: what was to be written may be gone.
        sim.let_sync_fail(false);
        sim.let_write_fail(false);
        assert_eq!(when_safe(&disk).wait(), Err(error.clone()));
        assert_eq!(disk.put(key(2), value(2, 2)), Err(error.clone()));
        assert_eq!(disk.put(key(3), value(3, 1)), Err(error.clone()));
        assert!(disk.is_saturated());
        // Never an older version.
        assert_eq!(disk.get(key(1)), Ok(Some(value(1, 2))));
        assert_eq!(disk.get(key(2)), Err(DiskError::NotTaken));
        assert_eq!(disk.get(key(3)), Err(error.clone()));
        assert_eq!(disk.figures().errors, 1);
        assert_eq!(disk.close(PATIENCE), Err(error));
        let (_, opened, records) = open(&sim, DiskSync::Always).unwrap();
        assert!(opened.to_be_compared || !opened.damage.is_empty());
        assert_eq!(records[&key(2)], value(2, 1));
    }
}

#[test]
fn a_log_that_cannot_be_synced_is_not_begun() {
    let sim = Sim::default();
    sim.let_sync_fail(true);
    let error = open(&sim, DiskSync::Always).unwrap_err();
    assert!(error.to_string().ends_with(": injected"), "{error}");
    sim.let_sync_fail(false);
    let (_, opened, _) = open(&sim, DiskSync::Always).unwrap();
    assert!(opened.new);
}

#[test]
fn nothing_waits_for_a_disk_that_hangs() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    put(&disk, key(1), value(1, 1)).wait().unwrap();
    sim.freeze();
    let told = put(&disk, key(1), value(1, 2));
    assert!(sim.wait_for_frost(|| false));
    assert_eq!(disk.state(), DiskState::Working, "not yet for long");
    let later = clock::now() + Duration::from_secs(10);
    let DiskState::Hanging { since } = disk.state_at(later) else { panic!("{disk:?}") };
    assert!(since <= clock::now());

    // The queue grows to its bound, newer versions of what waits are taken, nothing blocks.
    let mut last = 0;
    for number in 2..300 {
        match disk.put(key(number), value(number, 1)) {
            Ok(()) => last = number,
            Err(error) => assert_eq!(error, DiskError::Saturated),
        }
    }
    assert!(disk.is_saturated());
    assert_eq!(disk.figures().waiting, 100);
    assert_eq!(disk.put(key(299), value(299, 1)), Err(DiskError::Saturated));
    let shorter = value(last, 1).slice(1..);
    disk.put(key(last), shorter.clone()).unwrap();
    disk.remove(key(1)).unwrap();
    assert_eq!(disk.get(key(last)), Ok(Some(shorter.clone())));
    assert_eq!(disk.get(key(299)), Err(DiskError::NotTaken));
    assert_eq!(disk.get(key(1)), Ok(None));
    assert!(!told.has_been());

    sim.thaw();
    told.wait().unwrap();
    when_safe(&disk).wait().unwrap();
    assert_eq!(disk.state_at(later), DiskState::Working);
    assert!(!disk.is_saturated());
    close(disk);
    let (_, _, records) = open(&sim, DiskSync::Always).unwrap();
    assert_eq!((records.get(&key(1)), &records[&key(last)]), (None, &shorter));
}

#[test]
fn closing_a_disk_that_hangs_ends_in_time() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    sim.freeze();
    drop(put(&disk, key(1), value(1, 1)));
    assert!(sim.wait_for_frost(|| false));
    let before: Instant = clock::now();
    assert_eq!(disk.close(Duration::from_millis(20)), Err(DiskError::Unfinished(1)));
    assert!(clock::now() - before < PATIENCE / 2);
    // The thread that hangs still has the folder.
    assert!(sim.lock(Path::new("/disk/lock")).unwrap().is_none());
    let (_, _, records) = open(&sim.left(Left::Killed), DiskSync::Always).unwrap();
    assert_eq!(records.len(), 0);
    sim.thaw();
}

#[test]
fn a_disk_that_is_late_is_behind() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Every(Duration::from_secs(600))).unwrap();
    let now = clock::now();
    disk.put(key(1), value(1, 1)).unwrap();
    assert_eq!(disk.state_at(now + Duration::from_secs(601)), DiskState::Working);
    let late = disk.state_at(now + Duration::from_secs(700));
    assert!(matches!(late, DiskState::Behind { since } if since >= now), "{late:?}");
    close(disk);
}
