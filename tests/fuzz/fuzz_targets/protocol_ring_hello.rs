//! Ring hellos: what is read would be written in the same way, and two servers judge each other alike.
#![no_main]

use copal_protocol::{judgement, ring_hello_code};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The first byte says where the one hello ends and the other one begins.
    let Some((border, data)) = data.split_first() else { return };
    let (one, other) = data.split_at(usize::from(*border).min(data.len()));
    let hellos = [one, other].map(|bytes| {
        let hello = ring_hello_code::read(bytes).ok()?;
        // All but the fields of a later version, which come last.
        assert!(bytes.starts_with(&ring_hello_code::write(&hello)));
        Some(hello)
    });
    let [Some(one), Some(other)] = hellos else { return };
    match (judgement::judge(&one, &other), judgement::judge(&other, &one)) {
        (Ok(here), Ok(there)) => assert_eq!(here.version, there.version),
        (Err(here), Err(there)) => {
            assert!(!here.to_string().is_empty() && !there.to_string().is_empty())
        }
        (here, there) => panic!("{here:?} {there:?}"),
    }
});
