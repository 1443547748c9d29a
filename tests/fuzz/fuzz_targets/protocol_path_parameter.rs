//! The session parameter is found where it literally stands, and nothing is left after its removal.
#![no_main]

use copal_protocol::path_parameter::{find, remove_all};

const PREFIX: &str = ";jsessionid=";

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let literal = data.windows(PREFIX.len()).position(|window| window == PREFIX.as_bytes());
    let found = find(data, PREFIX);
    assert_eq!(found.map(|parameter| parameter.start), literal);

    let without = remove_all(data, PREFIX);
    assert_eq!(find(&without, PREFIX), None);
    let Some(parameter) = found else {
        assert_eq!(&*without, data);
        return;
    };
    let value = parameter.value(data, PREFIX);
    assert!(!value.iter().any(|byte| matches!(byte, b';' | b'/')));
    assert_eq!(&data[parameter.start..parameter.end], [PREFIX.as_bytes(), value].concat());
    assert!(matches!(data.get(parameter.end), None | Some(b';' | b'/')));

    // One parameter taken out by hand, and the rest by the same rule, comes to the same.
    let rest = [&data[..parameter.start], &data[parameter.end..]].concat();
    assert_eq!(remove_all(&rest, PREFIX), without);
});
