//! Many threads at once: nobody reads a version older than one that was put before.

use std::sync::Arc;
use std::thread;

use tempfile::tempdir;

use crate::disk::Disk;
use crate::disk::limits::Bounds;
use crate::disk::real_files::RealFiles;
use crate::disk::settings::DiskSync;
use crate::disk::tests::rig::{
    SMALL, close, key, open_real, read_value, settings, value, when_safe,
};

const THREADS: u32 = 4;
const VERSIONS: u32 = 300;

/// Each thread has keys of its own, so it knows what it must read.
fn work(disk: &Disk, thread: u32) {
    for version in 1..=VERSIONS {
        for number in thread * 10..thread * 10 + 10 {
            disk.put(key(number), value(number, version)).unwrap();
            let older = thread * 10 + version % 10;
            let expected = if older <= number { version } else { version - 1 };
            let read = disk.get(key(older)).unwrap();
            let read = read.map(|value| read_value(&value).expect("a value that was put"));
            assert_eq!(read, (expected > 0).then_some((older, expected)));
        }
        if version % 4 == 0 {
            when_safe(disk).wait().unwrap();
        }
    }
}

#[test]
fn nobody_reads_an_older_version_while_the_log_is_written_and_cleaned() {
    for sync in [DiskSync::Always, DiskSync::Never] {
        let folder = tempdir().unwrap();
        let settings = settings(folder.path(), sync);
        let bounds = Bounds { queue_bytes: 1 << 20, queue_keys: 10_000, eager: 2_000, ..SMALL };
        let (disk, _) = Disk::open_in(Arc::new(RealFiles), &settings, bounds, |_, _| ()).unwrap();
        thread::scope(|scope| {
            for thread in 0..THREADS {
                let disk = &disk;
                scope.spawn(move || work(disk, thread));
            }
        });
        println!("{sync:?}: {:?}", disk.figures());
        close(disk);
        let (_disk, opened, records) = open_real(folder.path(), sync).unwrap();
        assert!(!opened.to_be_compared);
        assert_eq!(records.len(), THREADS as usize * 10);
        for number in 0..THREADS * 10 {
            assert_eq!(records[&key(number)], value(number, VERSIONS));
        }
    }
}
