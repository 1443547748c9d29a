//! A cookie is found by its whole name, and what is set comes back unchanged.
#![no_main]

use copal_protocol::cookie::{SameSite, SetCookie, find, find_all};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The lines of the input are the fields of a request.
    let fields = || data.split(|&byte| byte == b'\n');
    let found = find(fields(), "sid");
    assert_eq!(found, find_all(fields(), "sid").next());
    for value in find_all(fields(), "sid") {
        assert!(!value.contains(&b';') && !value.contains(&b'\n'));
        let pair = [b"sid=", value].concat();
        assert!(data.windows(pair.len()).any(|window| window == pair));
        // The value alone, as a client would send it back, is the same value.
        assert_eq!(find([&pair[..]], "sid"), Some(value));
    }

    // In front of anything, our own cookie is the first.
    let fields_with_ours = core::iter::once(&b"sid=ours"[..]).chain(fields());
    assert_eq!(find(fields_with_ours, "sid"), Some(&b"ours"[..]));

    // A path or a domain never breaks out of its attribute.
    let text = String::from_utf8_lossy(data);
    let cookie = SetCookie {
        name: "sid",
        value: "ours",
        domain: Some(&text),
        path: &text,
        max_age: None,
        secure: true,
        http_only: true,
        same_site: SameSite::Strict,
    };
    let written = cookie.to_string();
    assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    assert_eq!(written.split("; ").count(), 6);
    assert_eq!(written.matches(';').count(), 5);
});
