//! Fails on an input that only a steered search finds: whoever does not find it finds nothing.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let secret = *b"canary";
    let alike = data
        .iter()
        .zip(secret)
        .take_while(|(byte, letter)| **byte == *letter)
        .count();
    // One step after the other, so that each can be seen to be one.
    for step in 1..=secret.len() {
        if alike < step {
            return;
        }
    }
    panic!("the canary was found");
});
