//! The log is cleaned up: what was overwritten or removed does not stay for ever.

use std::time::Duration;

use crate::disk::settings::DiskSync;
use crate::disk::tests::rig::{Records, close, key, open, value, when_safe};
use crate::disk::tests::sim::Sim;

fn records_size(sim: &Sim) -> usize {
    let files = sim.files().into_iter();
    files.filter(|(path, _)| path.ends_with(".segment")).map(|(_, bytes)| bytes.len()).sum()
}

#[test]
fn many_overwrites_need_no_more_room_than_a_few() {
    for sync in [DiskSync::Every(Duration::from_secs(3600)), DiskSync::Never] {
        let sim = Sim::default();
        let (disk, ..) = open(&sim, sync).unwrap();
        let mut expected = Records::new();
        let mut largest = 0;
        for round in 0..300 {
            // Forty are never touched again after the first round, and are moved up again and again.
            for number in if round == 0 { 0..60 } else { 40..60 } {
                disk.put(key(number), value(number, round)).unwrap();
                expected.insert(key(number), value(number, round));
            }
            when_safe(&disk).wait().unwrap();
            largest = largest.max(records_size(&sim));
        }
        let figures = disk.figures();
        assert_eq!(figures.records, 60);
        let bound = 2 * figures.live_bytes + 3 * 2_000 + 5_000;
        assert!((largest as u64) < bound, "{largest}, {figures:?}");
        assert!(figures.bytes > 10 * bound, "much more was written");
        println!("{sync:?}: at most {largest} bytes for {} that count", figures.live_bytes);
        close(disk);
        let (_, opened, records) = open(&sim, sync).unwrap();
        assert!(!opened.to_be_compared);
        assert_eq!(records, expected);
    }
}

#[test]
fn room_of_removed_records_is_given_back() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    for round in 0..20 {
        for number in 0..50 {
            disk.put(key(round * 50 + number), value(number, 1)).unwrap();
        }
        when_safe(&disk).wait().unwrap();
    }
    let before = records_size(&sim);
    for number in 1..1000 {
        disk.remove(key(number)).unwrap();
        if number % 50 == 0 {
            when_safe(&disk).wait().unwrap();
        }
    }
    when_safe(&disk).wait().unwrap();
    // It is cleaned while nobody wants anything; closing waits for nothing more than what is on.
    while disk.figures().disk_bytes > 3 * 2_000 {
        std::thread::yield_now();
    }
    close(disk);
    assert!(records_size(&sim) * 5 < before);
    let (_, _, records) = open(&sim, DiskSync::Always).unwrap();
    assert_eq!(records.into_iter().collect::<Vec<_>>(), [(key(0), value(0, 1))]);
}

#[test]
fn many_starts_do_not_leave_many_files() {
    let sim = Sim::default();
    for start in 0..60 {
        let (disk, _, records) = open(&sim, DiskSync::Always).unwrap();
        assert_eq!(records.len(), start as usize);
        disk.put(key(start), value(start, 1)).unwrap();
        when_safe(&disk).wait().unwrap();
        close(disk);
    }
    let segments = sim.files().into_keys().filter(|path| path.ends_with(".segment")).count();
    assert!(segments < 20, "{segments}");
}

#[test]
fn a_file_that_could_not_be_removed_does_not_bring_anything_back() {
    let sim = Sim::default();
    let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
    disk.put(key(99), value(99, 1)).unwrap();
    for round in 0..100 {
        if round == 30 {
            disk.remove(key(99)).unwrap();
        }
        sim.let_remove_fail(round < 20);
        for number in 0..20 {
            disk.put(key(number), value(number, round)).unwrap();
        }
        when_safe(&disk).wait().unwrap();
    }
    close(disk);
    let paths: Vec<_> = sim.files().into_keys().collect();
    assert!(paths.iter().any(|path| path.ends_with("0000000001.segment")), "{paths:?}");
    assert!(!paths.iter().any(|path| path.ends_with("0000000020.segment")), "{paths:?}");
    let (_, opened, records) = open(&sim, DiskSync::Always).unwrap();
    assert!(!opened.to_be_compared, "{opened:?}");
    assert_eq!((records.len(), records.get(&key(99))), (20, None));
    assert!(!sim.files().keys().any(|path| path.ends_with("0000000001.segment")));
}
