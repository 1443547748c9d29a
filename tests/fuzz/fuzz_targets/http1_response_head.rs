//! A response head means the same when it is written anew, and nothing when a byte is missing.
#![no_main]

use copal_http1::framing::Framing;
use copal_http1::response_head::{ResponseHead, ResponseLimits};
use copal_http1::version::Version;
use copal_http1::write;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut written = Vec::new();
    let Some((flags, data)) = data.split_first() else {
        return;
    };
    let (to_head, lenient) = (flags & 1 != 0, flags & 2 != 0);
    let limits = ResponseLimits {
        max_head: 2000,
        lenient,
    };
    let Ok(Some(head)) = ResponseHead::parse(data, to_head, &limits) else {
        return;
    };
    assert!(head.length <= data.len());
    let shorter = ResponseHead::parse(&data[..head.length - 1], to_head, &limits);
    assert!(matches!(shorter, Ok(None)));
    assert!((100..600).contains(&head.status));
    assert!(!(head.framing == Framing::UntilClose && head.keep_alive));
    if to_head || matches!(head.status, 100..200 | 204 | 304) {
        assert_eq!(head.framing, Framing::None);
    }
    // Who is lenient reads what the strict one reads in the same way.
    let strict = ResponseLimits {
        lenient: false,
        ..limits
    };
    if let Ok(Some(strict)) = ResponseHead::parse(data, to_head, &strict) {
        assert_eq!(
            (strict.framing, strict.keep_alive),
            (head.framing, head.keep_alive)
        );
    }

    write::status_line(&mut written, head.status, head.reason);
    for field in &head.fields {
        write::field(&mut written, field.name, field.value);
    }
    write::end(&mut written);
    let wide = ResponseLimits {
        max_head: 4000,
        lenient,
    };
    let again = ResponseHead::parse(&written, to_head, &wide);
    let again = again.expect("still good").expect("complete");
    assert_eq!(again.status, head.status);
    assert_eq!(again.reason, head.reason);
    assert_eq!(again.framing, head.framing);
    assert_eq!(again.fields, head.fields);
    if head.version == Version::Http11 {
        assert_eq!(again.keep_alive, head.keep_alive);
    }
});
