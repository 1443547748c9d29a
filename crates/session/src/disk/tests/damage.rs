//! Bytes that are not those that were written: seen, reported, and never an older version in silence.

use std::collections::BTreeSet;
use std::thread;

use crate::disk::error::DiskError;
use crate::disk::opened::{Opened, Why};
use crate::disk::settings::DiskSync;
use crate::disk::tests::rig::{
    Records, close, key, open, put, read_value, remove, value, when_safe,
};
use crate::disk::tests::sim::{Left, Sim};

/// A disk with several segments, with overwritten and removed records, and what it holds.
fn written(sync: DiskSync, closed: bool) -> (Sim, Records) {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, sync).unwrap();
    let mut expected = Records::new();
    for version in 0..4 {
        for number in 0..12 {
            if (number + version) % 7 == 0 {
                remove(&disk, key(number)).wait().unwrap();
                expected.remove(&key(number));
            } else {
                put(&disk, key(number), value(number, version)).wait().unwrap();
                expected.insert(key(number), value(number, version));
            }
        }
    }
    when_safe(&disk).wait().unwrap();
    if closed {
        close(disk);
        return (sim, expected);
    }
    let killed = sim.left(Left::Killed);
    close(disk);
    (killed, expected)
}

fn segments(sim: &Sim) -> Vec<String> {
    sim.files().into_keys().filter(|path| path.ends_with(".segment")).collect()
}

/// Opens what was changed. What is handed out was put once, whatever happened.
fn reopen(sim: &Sim) -> (Opened, Records) {
    let (disk, opened, records) = open(sim, DiskSync::Always).unwrap();
    for (found, bytes) in &records {
        let (number, _) = read_value(bytes).expect("a value that was put");
        assert_eq!(*found, key(number), "a value of another key");
    }
    for (found, bytes) in &records {
        assert_eq!(disk.get(*found), Ok(Some(bytes.clone())));
    }
    close(disk);
    (opened, records)
}

#[test]
fn every_flipped_byte_is_reported_or_does_not_matter() {
    let rows =
        [(DiskSync::Always, true, 2), (DiskSync::Always, false, 5), (DiskSync::Never, true, 5)];
    for (sync, closed, step) in rows {
        let (sim, expected) = written(sync, closed);
        let (mut seen, mut harmless) = (0, BTreeSet::new());
        for path in segments(&sim) {
            let length = sim.files()[&path].len();
            for at in (0..length).step_by(step) {
                let broken = sim.left(Left::Killed);
                broken.change(&path, |bytes| bytes[at] ^= 1 << (at / 2 % 8));
                let (opened, records) = reopen(&broken);
                if opened.to_be_compared {
                    seen += 1;
                    assert!(!opened.damage.is_empty());
                    let set_aside = opened.set_aside.unwrap();
                    assert_eq!(set_aside.why, Why::Damaged);
                    assert!(broken.files().keys().any(|path| path.contains("set-aside-1/")));
                    assert!(records.len() + 2 > expected.len(), "one frame is lost, not all");
                } else {
                    harmless.insert((path.clone(), at));
                    assert_eq!(records, expected, "{path}, byte {at}: older in silence");
                }
            }
        }
        println!("{sync:?}, closed: {closed}: {seen} flips seen, {} harmless", harmless.len());
        assert!(seen > 500 && harmless.len() < 100);
    }
}

#[test]
fn a_tail_that_is_torn_anywhere_is_cut_off() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    put(&disk, key(1), value(1, 1)).wait().unwrap();
    put(&disk, key(2), value(2, 1)).wait().unwrap();
    let safe = sim.left(Left::Killed);
    let path = segments(&safe).pop().unwrap();
    let before = safe.files()[&path].len();
    put(&disk, key(2), value(2, 2)).wait().unwrap();
    let after = sim.left(Left::Killed);
    close(disk);
    for length in before..=after.files()[&path].len() {
        let torn = after.left(Left::Killed);
        torn.change(&path, |bytes| bytes.truncate(length));
        let (opened, records) = reopen(&torn);
        assert!(!opened.to_be_compared);
        assert_eq!(records[&key(1)], value(1, 1));
        let (_, version) = read_value(&records[&key(2)]).unwrap();
        assert!(version == 1 || length >= before + 24, "{length}");
        let whole = version == 2 || opened.cut == (length - before) as u64;
        assert!(whole, "{opened:?} at {length} of {before}");
    }
    // Zeros behind the end, as some file systems leave them.
    let torn = safe.left(Left::Killed);
    torn.change(&path, |bytes| bytes.resize(bytes.len() + 5000, 0));
    let (opened, records) = reopen(&torn);
    assert_eq!((opened.cut, opened.to_be_compared, records.len()), (5000, false, 2));
}

#[test]
fn what_was_safe_and_is_cut_off_is_damage() {
    let (sim, expected) = written(DiskSync::Always, true);
    let paths = segments(&sim);
    assert!(paths.len() > 1);
    for path in &paths[..paths.len() - 1] {
        let length = sim.files()[path].len();
        for lost in [1, 24, 29, 30, 40, 100, length] {
            let lost = lost.min(length);
            let broken = sim.left(Left::Killed);
            broken.change(path, |bytes| bytes.truncate(length - lost));
            let (opened, records) = reopen(&broken);
            assert!(opened.to_be_compared || records == expected, "{path} without {lost}");
            assert!(opened.to_be_compared || lost < 100, "{path} without {lost}");
        }
    }
}

#[test]
fn a_segment_that_is_missing_is_damage() {
    let (sim, _) = written(DiskSync::Always, true);
    for path in segments(&sim) {
        let broken = sim.left(Left::Killed);
        let files: &dyn crate::disk::files::DiskFiles = &broken;
        files.remove_file(std::path::Path::new(&path)).unwrap();
        let (opened, _) = reopen(&broken);
        assert!(opened.to_be_compared, "{path}");
    }
    let broken = sim.left(Left::Killed);
    let files: &dyn crate::disk::files::DiskFiles = &broken;
    files.remove_folder(std::path::Path::new("/disk/records")).unwrap();
    let (opened, records) = reopen(&broken);
    assert_eq!((opened.to_be_compared, opened.new, records.len()), (true, false, 0));
}

#[test]
fn doubt_lasts_until_all_was_compared() {
    let (sim, _) = written(DiskSync::Always, true);
    let path = segments(&sim).pop().unwrap();
    sim.change(&path, |bytes| bytes[60] ^= 1);
    let (first, records) = reopen(&sim);
    assert!(first.to_be_compared && !first.damage.is_empty());
    for _ in 0..2 {
        let (second, again) = reopen(&sim);
        assert!(second.to_be_compared && second.damage.is_empty() && second.set_aside.is_none());
        assert_eq!(again, records);
    }
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    disk.all_compared();
    close(disk);
    assert!(!reopen(&sim).0.to_be_compared);
}

#[test]
fn setting_aside_may_be_interrupted_anywhere() {
    let (sim, _) = written(DiskSync::Always, true);
    let path = segments(&sim).pop().unwrap();
    sim.change(&path, |bytes| bytes[60] ^= 1);
    let (_, expected) = reopen(&sim.left(Left::Killed));
    for operation in 0.. {
        let broken = sim.left(Left::Killed);
        broken.freeze_at(operation);
        let worker = thread::spawn({
            let broken = broken.clone();
            move || drop(reopen(&broken))
        });
        let frozen = broken.wait_for_frost(|| worker.is_finished());
        for left in [Left::Killed, Left::Cut(operation), Left::Cut(operation + 1000)] {
            let next = broken.left(left);
            let (opened, records) = reopen(&next);
            assert!(opened.to_be_compared, "{operation}, {left:?}");
            assert_eq!(records, expected, "{operation}, {left:?}");
            assert!(next.files().keys().any(|path| path.contains("set-aside-1/")));
        }
        broken.thaw();
        worker.join().unwrap();
        if !frozen {
            assert!(operation > 10);
            break;
        }
    }
}

#[test]
fn a_record_that_rots_while_we_run_is_an_error_and_not_another_version() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    put(&disk, key(1), value(1, 1)).wait().unwrap();
    put(&disk, key(1), value(1, 2)).wait().unwrap();
    let path = segments(&sim).pop().unwrap();
    let length = sim.files()[&path].len();
    sim.change(&path, |bytes| bytes[length - 40] ^= 4);
    assert!(matches!(disk.get(key(1)), Err(DiskError::Damaged(_))));
    assert_eq!(disk.figures().errors, 1);
    // A newer version heals it.
    put(&disk, key(1), value(1, 3)).wait().unwrap();
    assert_eq!(disk.get(key(1)), Ok(Some(value(1, 3))));
    close(disk);
    assert!(reopen(&sim).0.to_be_compared);
}

#[test]
fn a_frame_that_is_hidden_in_a_value_is_never_found() {
    // What a client stores may look like what we write; behind damage we look for just that.
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    put(&disk, key(1), value(1, 1)).wait().unwrap();
    let path = segments(&sim).pop().unwrap();
    let copy = sim.files()[&path].clone();
    let (header, frames) = copy.split_at(25);
    assert_eq!(header[..8], *b"copalses");
    put(&disk, key(1), value(1, 2)).wait().unwrap();
    put(&disk, key(2), frames.to_vec().into()).wait().unwrap();
    put(&disk, key(3), value(3, 1)).wait().unwrap();
    close(disk);
    let found = memchr::memmem::rfind(&sim.files()[&path], frames).unwrap();
    // Damage right before the value that holds the copy.
    sim.change(&path, |bytes| bytes[found - 3] ^= 1);
    let (_, opened, records) = open(&sim, DiskSync::Always).unwrap();
    assert!(opened.to_be_compared);
    assert_eq!(records, Records::from([(key(1), value(1, 2)), (key(3), value(3, 1))]));
}
