//! A hundred thousand records.

use std::time::Duration;

use bytes::Bytes;
use tempfile::tempdir;

use crate::disk::clock;
use crate::disk::settings::DiskSync;
use crate::disk::tests::rig::{close, key, open_real, when_safe};

const RECORDS: u32 = 100_000;

fn record(number: u32) -> Bytes {
    let mut record = vec![0; 1024];
    let mut random = u64::from(number) + 1;
    for chunk in record.chunks_mut(8) {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        chunk.copy_from_slice(&random.to_le_bytes());
    }
    Bytes::from(record)
}

#[test]
fn a_hundred_thousand_records_are_there_after_the_next_start() {
    let folder = tempdir().unwrap();
    let sync = DiskSync::Every(Duration::from_secs(1));
    let (disk, ..) = open_real(folder.path(), sync).unwrap();
    let begin = clock::now();
    for number in 0..RECORDS {
        while disk.is_saturated() {
            when_safe(&disk).wait().unwrap();
        }
        disk.put(key(number), record(number)).unwrap();
    }
    when_safe(&disk).wait().unwrap();
    println!("written in {:?}: {:?}", clock::now() - begin, disk.figures());
    close(disk);
    let begin = clock::now();
    let (disk, opened, records) = open_real(folder.path(), sync).unwrap();
    println!("opened in {:?}", clock::now() - begin);
    assert_eq!((opened.records, opened.to_be_compared), (RECORDS as usize, false));
    for number in 0..RECORDS {
        assert_eq!(records[&key(number)], record(number));
    }
    let begin = clock::now();
    for number in (0..RECORDS).step_by(10) {
        assert_eq!(disk.get(key(number)), Ok(Some(record(number))));
    }
    println!("a tenth of them read one by one in {:?}", clock::now() - begin);
    close(disk);
}
