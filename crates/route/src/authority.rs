//! The host name in a request's authority.

use memchr::memrchr;

/// The host name in `authority`: without a port and without the dot at the end of a whole name.
/// The brackets of an IPv6 address stay. Letters are as received.
#[must_use]
pub fn host_name(authority: &[u8]) -> &[u8] {
    let port = memrchr(b':', authority).and_then(|colon| authority.split_at_checked(colon));
    let name = match port {
        // A colon inside brackets belongs to the address.
        Some((name, port)) if !port.contains(&b']') => name,
        _ => authority,
    };
    name.strip_suffix(b".").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_and_dot_are_no_part_of_the_name() {
        #[rustfmt::skip]
        let cases = [
            // authority             name
            ("example.com",          "example.com"),
            ("Example.COM:8080",     "Example.COM"),
            ("example.com:",         "example.com"),
            ("example.com.",         "example.com"),
            ("example.com.:80",      "example.com"),
            ("127.0.0.1:80",         "127.0.0.1"),
            ("[::1]",                "[::1]"),
            ("[::1]:443",            "[::1]"),
            ("",                     ""),
            (":80",                  ""),
        ];
        for (authority, name) in cases {
            assert_eq!(host_name(authority.as_bytes()), name.as_bytes(), "{authority}");
        }
    }
}
