//! What other servers say of sessions: what is read is read again from what is written of it.
#![no_main]

use copal_replica::frame_code::{self, Heard};
use copal_replica::heartbeat_code;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(Heard::Frame(key, frame)) = frame_code::read(data.to_vec().into()) {
        // Only fields of a later version are left out.
        let written = frame_code::write(key, &frame);
        assert!(written.len() <= data.len());
        assert_eq!(frame_code::read(written.into()), Ok(Heard::Frame(key, frame)));
    }
    if let Ok(heartbeat) = heartbeat_code::read(data.to_vec().into()) {
        assert!(data.starts_with(&heartbeat_code::write(&heartbeat)));
    }
    if let Ok(answer) = heartbeat_code::read_answer(data.to_vec().into()) {
        assert!(data.starts_with(&heartbeat_code::write_answer(&answer)));
    }
});
