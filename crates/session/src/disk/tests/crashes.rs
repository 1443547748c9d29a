//! A process that is killed, or loses its power, at any operation of the disk.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;

use crate::disk::settings::DiskSync;
use crate::disk::tests::rig::{Records, close, key, open, put, remove, value};
use crate::disk::tests::sim::{Left, Sim};

/// What the disk has said of itself.
#[derive(Debug, Clone, Default)]
struct Promised {
    /// What is safe.
    safe: Records,
    /// What may be safe, too: the operation that is on.
    pending: Option<(u32, Option<Bytes>)>,
}

impl Promised {
    fn allows(&self, records: &Records) -> bool {
        let mut after = self.safe.clone();
        match &self.pending {
            Some((number, Some(value))) => drop(after.insert(key(*number), value.clone())),
            Some((number, None)) => drop(after.remove(&key(*number))),
            None => {}
        }
        *records == self.safe || *records == after
    }
}

/// Puts, overwrites and removes, with a few starts in between.
fn work(sim: &Sim, promised: &Mutex<Promised>) {
    for start in 0..3 {
        let (disk, opened, records) = open(sim, DiskSync::Always).unwrap();
        assert!(!opened.to_be_compared);
        assert_eq!(records, promised.lock().unwrap().safe);
        for step in 0..24 {
            // Eight are put once, and must be moved up whenever their segment is the oldest.
            let cold = start == 0 && step < 8;
            let number = if cold { 30 + step } else { (step * 5 + start) % 7 };
            let new = (cold || step % 6 != 5).then(|| value(number, start * 100 + step));
            promised.lock().unwrap().pending = Some((number, new.clone()));
            let told = match &new {
                Some(new) => put(&disk, key(number), new.clone()),
                None => remove(&disk, key(number)),
            };
            told.wait().unwrap();
            let mut promised = promised.lock().unwrap();
            promised.pending = None;
            match new {
                Some(new) => promised.safe.insert(key(number), new),
                None => promised.safe.remove(&key(number)),
            };
        }
        close(disk);
    }
}

#[test]
fn all_that_was_told_safe_is_there_whenever_the_process_ends() {
    let whole = Sim::default();
    work(&whole, &Mutex::default());
    let operations = whole.operations();
    let names: BTreeMap<_, _> = whole.files();
    assert!(!names.keys().any(|name| name.contains("0000000001.segment")), "it was cleaned up");
    for operation in 0..operations {
        let sim = Sim::default();
        sim.freeze_at(operation);
        let promised = Arc::new(Mutex::new(Promised::default()));
        let ended = Arc::new(AtomicBool::new(false));
        let worker = thread::spawn({
            let (sim, promised, ended) = (sim.clone(), Arc::clone(&promised), Arc::clone(&ended));
            move || {
                work(&sim, &promised);
                ended.store(true, Ordering::SeqCst);
            }
        });
        if sim.wait_for_frost(|| ended.load(Ordering::SeqCst)) {
            let promised = promised.lock().unwrap().clone();
            let cuts = (0..8).map(|seed| Left::Cut(operation * 100 + seed));
            for left in std::iter::once(Left::Killed).chain(cuts) {
                let next = sim.left(left);
                let (disk, opened, records) = open(&next, DiskSync::Always).unwrap();
                let what = format!("operation {operation}, {left:?}: {opened:?}");
                assert!(!opened.to_be_compared && opened.set_aside.is_none(), "{what}");
                assert!(promised.allows(&records), "{what}: {records:?} after {promised:?}");
                put(&disk, key(50), value(50, 1)).wait().unwrap();
                close(disk);
                // Whatever was cut off does not come back.
                let (_, opened, mut again) = open(&next, DiskSync::Always).unwrap();
                assert_eq!(opened.cut, 0, "{what}");
                assert_eq!(again.remove(&key(50)), Some(value(50, 1)), "{what}");
                assert_eq!(again, records, "{what}");
            }
        }
        sim.thaw();
        worker.join().unwrap();
    }
    println!("{operations} operations, each killed and cut");
}

#[test]
fn what_was_on_its_way_when_the_power_went_is_torn_and_not_damaged() {
    let mut torn = 0;
    for operation in 0..3 {
        let sim = Sim::default();
        let (disk, ..) = open(&sim, DiskSync::Always).unwrap();
        for number in 0..5 {
            put(&disk, key(number), value(number, 1)).wait().unwrap();
        }
        sim.freeze();
        drop(put(&disk, key(77), value(77, 1)));
        assert!(sim.wait_for_frost(|| false));
        for number in 0..10 {
            disk.put(key(number), value(number, 2)).unwrap();
        }
        // Write, sync and mark of the record before, then write, sync and mark of all these.
        sim.freeze_at(sim.operations() + 2 + operation);
        assert!(sim.wait_for_frost(|| false));
        for seed in 0..100 {
            let next = sim.left(Left::Cut(seed));
            let (disk, opened, records) = open(&next, DiskSync::Always).unwrap();
            assert!(!opened.to_be_compared, "{operation}, {seed}: {opened:?}");
            close(disk);
            let (_, again, same) = open(&next, DiskSync::Always).unwrap();
            assert!(!again.to_be_compared && again.cut == 0, "{operation}, {seed}: {again:?}");
            assert_eq!(same, records);
            torn += u32::from(opened.cut > 0);
            for number in 0..10 {
                let found = records.get(&key(number));
                let old = (number < 5).then(|| value(number, 1));
                assert!(found == old.as_ref() || found == Some(&value(number, 2)));
            }
        }
        sim.thaw();
        close(disk);
    }
    assert!(torn > 50);
}
