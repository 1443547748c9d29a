//! Records from other servers and from disk: what is read would be written in the same way.
#![no_main]

use copal_replica::record_code;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(record) = record_code::read(data.to_vec().into()) else { return };
    assert_eq!(record_code::write(&record), data);
});
