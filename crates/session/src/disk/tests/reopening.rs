//! What was put is there after the next start, and nothing else.

use std::time::Duration;

use tempfile::tempdir;

use crate::disk::error::DiskError;
use crate::disk::opened::Opened;
use crate::disk::settings::DiskSync;
use crate::disk::state::DiskState;
use crate::disk::tests::rig::{close, key, open, open_real, put, remove, value, when_safe};
use crate::disk::tests::sim::{Left, Sim};

/// Long enough that nothing is written before it is asked for.
const LATE: DiskSync = DiskSync::Every(Duration::from_secs(3600));

#[test]
fn records_survive_the_newest_wins_and_removed_ones_stay_removed() {
    for sync in [LATE, DiskSync::Always, DiskSync::Never] {
        let folder = tempdir().unwrap();
        let (disk, opened, records) = open_real(folder.path(), sync).unwrap();
        assert_eq!(opened, Opened { new: true, ..Opened::default() });
        assert_eq!(records.len(), 0);
        for number in 0..100 {
            disk.put(key(number), value(number, 1)).unwrap();
        }
        when_safe(&disk).wait().unwrap();
        for number in 0..50 {
            disk.put(key(number), value(number, 2)).unwrap();
        }
        for number in 40..60 {
            disk.remove(key(number)).unwrap();
        }
        disk.put(key(45), value(45, 3)).unwrap();
        close(disk);

        let (disk, opened, records) = open_real(folder.path(), sync).unwrap();
        assert_eq!(opened, Opened { records: 81, ..Opened::default() });
        for number in 0..100 {
            let version = match number {
                45 => Some(3),
                0..40 => Some(2),
                40..60 => None,
                _ => Some(1),
            };
            let expected = version.map(|version| value(number, version));
            assert_eq!(records.get(&key(number)), expected.as_ref(), "{number}");
            assert_eq!(disk.get(key(number)), Ok(expected), "{number}");
            assert_eq!(disk.has_newest(key(number)), version.is_some());
        }
        assert_eq!(disk.state(), DiskState::Working);
        close(disk);
    }
}

#[test]
fn what_waits_is_known_at_once_and_written_in_time() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, LATE).unwrap();
    let before = sim.operations();
    disk.put(key(1), value(1, 1)).unwrap();
    assert_eq!(disk.get(key(1)), Ok(Some(value(1, 1))));
    assert!(!disk.has_newest(key(1)));
    disk.put(key(1), value(1, 2)).unwrap();
    disk.put(key(2), value(2, 1)).unwrap();
    disk.remove(key(2)).unwrap();
    assert_eq!(disk.get(key(2)), Ok(None));
    assert_eq!(sim.operations(), before, "nothing has touched the disk");
    assert_eq!(disk.figures().waiting, 1);
    when_safe(&disk).wait().unwrap();
    assert!(disk.has_newest(key(1)));
    let figures = disk.figures();
    assert_eq!((figures.written, figures.waiting, figures.records), (1, 0, 1));

    // An interval that ends brings the same about.
    close(disk);
    let (disk, ..) = open(&sim, DiskSync::Every(Duration::from_millis(1))).unwrap();
    disk.put(key(1), value(1, 3)).unwrap();
    let (disk, again) = (disk, sim.clone());
    while !disk.has_newest(key(1)) {
        std::thread::yield_now();
    }
    let (_disk, _, records) = open(&again.left(Left::Cut(1)), LATE).unwrap();
    assert_eq!(records[&key(1)], value(1, 3));
}

#[test]
fn many_that_wait_share_one_sync() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    sim.freeze();
    let first = put(&disk, key(0), value(0, 1));
    assert!(sim.wait_for_frost(|| false));
    let others: Vec<_> = (1..9).map(|number| put(&disk, key(number), value(number, 1))).collect();
    let gone = remove(&disk, key(77));
    sim.thaw();
    first.wait().unwrap();
    for told in others {
        told.wait().unwrap();
    }
    gone.wait().unwrap();
    assert_eq!(disk.figures().syncs, 5, "three to open, one for what was on, one for what waited");
    close(disk);
}

#[test]
fn closed_is_closed() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, LATE).unwrap();
    disk.put(key(1), value(1, 1)).unwrap();
    disk.shared.close();
    assert_eq!(disk.put(key(1), value(1, 2)), Err(DiskError::Closed));
    assert_eq!(put(&disk, key(2), value(2, 1)).wait(), Err(DiskError::Closed));
    assert!(disk.is_saturated());
    close(disk);
}
