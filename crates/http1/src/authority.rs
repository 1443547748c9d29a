//! Whether bytes are one host with perhaps a port.

use std::net::Ipv6Addr;

use crate::alphabet;

/// Whether this is `uri-host [ ":" port ]`, with a host that is not empty and a port from 1 to
/// 65535.
///
/// Stricter than RFC 3986 where readers differ: no `%` and no comma in a name, no empty port.
pub(crate) fn is_authority(bytes: &[u8]) -> bool {
    let (host, port) = match bytes {
        [b'[', rest @ ..] => {
            let Some(end) = memchr::memchr(b']', rest) else {
                return false;
            };
            let Some((literal, after)) = rest.split_at_checked(end) else {
                return false;
            };
            if !is_ipv6(literal) {
                return false;
            }
            match after {
                [b']'] => return true,
                [b']', b':', port @ ..] => return is_port(port),
                _ => return false,
            }
        }
        _ => match memchr::memchr(b':', bytes) {
            Some(colon) => {
                let (host, rest) = bytes.split_at_checked(colon).unwrap_or((bytes, b""));
                (host, rest.strip_prefix(b":"))
            }
            None => (bytes, None),
        },
    };
    !host.is_empty() && alphabet::is_reg_name(host) && port.is_none_or(is_port)
}

fn is_ipv6(literal: &[u8]) -> bool {
    std::str::from_utf8(literal).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok())
}

fn is_port(digits: &[u8]) -> bool {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(digits).ok().and_then(|text| text.parse::<u16>().ok());
    plain && number.is_some_and(|port| port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rustfmt::skip]
    const GOOD: &[&str] = &[
        "a", "a.example", "a.example:8080", "A_b-c.~x", "127.0.0.1:80", "[::1]", "[::1]:1", "1",
        "[::ffff:1.2.3.4]:65535", "a:080", "a!$&'()*+;=b", "a.:80",
    ];

    #[rustfmt::skip]
    const BAD: &[&str] = &[
        "", ":", ":80", "a:", "a:0", "a:65536", "a:99999999999", "a:+1", "a:-1", "a:x", "a:80:80",
        "a/b", "u@a", "u:p@a", "a, b", "a,b", "a b", " a", "a\t", "a?b", "a#b", "a%41", "a%", "[",
        "[]", "[::1", "[::1]x", "[::1]:", "[::1]:0", "[::1%25eth0]", "[v1.a]", "::1", "[1.2.3.4]",
        "[::1]]", "a[b]", "a\\b", "a\"b", "a<b", "{a}", "a|b", "\u{e9}", "a\0",
    ];

    #[test]
    fn an_authority_is_one_host_with_perhaps_a_port() {
        for authority in GOOD {
            assert!(is_authority(authority.as_bytes()), "{authority:?}");
        }
        for authority in BAD {
            assert!(!is_authority(authority.as_bytes()), "{authority:?}");
        }
    }
}
