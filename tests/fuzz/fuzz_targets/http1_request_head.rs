//! A request head means the same when it is written anew, and nothing when a byte is missing.
#![no_main]

use copal_http1::field::FieldKind;
use copal_http1::limits::HeadLimits;
use copal_http1::request_head::RequestHead;
use copal_http1::version::Version;
use copal_http1::write;

const LIMITS: HeadLimits = HeadLimits {
    max_head: 2000,
    max_fields: 20,
    max_uri: 200,
};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let mut written = Vec::new();
    let parsed = RequestHead::parse(data, &LIMITS);
    let Ok(Some(head)) = parsed else {
        if let Err(refusal) = parsed {
            assert!(matches!(
                refusal.status(),
                400 | 405 | 414 | 417 | 431 | 501 | 505
            ));
        }
        return;
    };
    assert!(head.length <= data.len());
    assert!(matches!(
        RequestHead::parse(&data[..head.length - 1], &LIMITS),
        Ok(None)
    ));
    assert!(head.path.starts_with(b"/") || (head.path == b"*" && head.method == "OPTIONS"));
    assert!(!matches!(head.method, "CONNECT" | "TRACE"));

    let mut target = head.path.to_vec();
    if let Some(query) = head.query {
        target.push(b'?');
        target.extend_from_slice(query);
    }
    write::request_line(&mut written, head.method, &target);
    for field in &head.fields {
        assert!(
            !field
                .value
                .iter()
                .any(|byte| matches!(byte, 0..=8 | 10..=31 | 127))
        );
        write::field(&mut written, field.name, field.value);
    }
    write::end(&mut written);
    let wide = HeadLimits {
        max_head: 4000,
        ..LIMITS
    };
    // HTTP/1.0 becomes HTTP/1.1, which needs a Host.
    let Ok(Some(again)) = RequestHead::parse(&written, &wide) else {
        assert!(head.version == Version::Http10 && head.values(FieldKind::Host).next().is_none());
        return;
    };
    assert_eq!(again.method, head.method);
    assert_eq!(again.path, head.path);
    assert_eq!(again.query, head.query);
    assert_eq!(again.framing, head.framing);
    assert_eq!(again.fields, head.fields);
    assert_eq!(again.length, written.len());
});
