//! Any bytes as a path: judged without a panic, and what passes is a fixed point without dots.
#![no_main]

use copal_route::normal_path::NormalPath;
use copal_route::path_policy::PathPolicy;
use libfuzzer_sys::fuzz_target;

fn has_dot_segment(text: &[u8]) -> bool {
    text.split(|byte| matches!(byte, b'/' | b'\\')).any(|name| {
        let name = name.split(|byte| *byte == b';').next();
        matches!(name, Some(b"." | b".."))
    })
}

fuzz_target!(|input: &[u8]| {
    let Some((flags, path)) = input.split_first() else {
        return;
    };
    let policy = PathPolicy {
        allow_encoded_slash: flags & 1 != 0,
        merge_slashes: flags & 2 != 0,
        session_prefix: ";jsessionid=".to_owned(),
    };
    let Ok(once) = NormalPath::of(path, &policy) else {
        return;
    };
    let twice = NormalPath::of(once.forward(), &policy).expect("a normal form is accepted");
    assert_eq!(
        once.forward(),
        twice.forward(),
        "the normal form of a normal form is itself"
    );
    assert_eq!(once.text(), twice.text());
    assert_eq!(once.session(), twice.session());
    assert!(once.forward().starts_with(b"/"));
    assert!(!has_dot_segment(once.forward()), "a dot segment survived");
    assert!(
        !has_dot_segment(once.text()),
        "a dot segment survived decoding"
    );
    assert!(!once.text().contains(&0));
    let without = NormalPath::of(&once.without_session(), &policy).map(NormalPath::into_owned);
    assert_eq!(
        without.expect("still a normal form").session(),
        None,
        "another session parameter"
    );
});
