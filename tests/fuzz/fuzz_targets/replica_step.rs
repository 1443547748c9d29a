//! Steps from other servers: what is read would be written in the same way.
#![no_main]

use copal_replica::step_code;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(step) = step_code::read(data.to_vec().into()) else { return };
    assert_eq!(step_code::write(&step), data);
});
