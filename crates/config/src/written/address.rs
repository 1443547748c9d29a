//! Addresses of servers and listeners.

use std::net::{IpAddr, SocketAddr};

use crate::finding_rule::FindingRule;
use crate::network::Address;
use crate::written::problem::Problem;
use crate::written::quote::quoted;

/// Reads an IP address or a host name, without a port.
pub(crate) fn address(text: &str) -> Result<Address, Problem> {
    if let Ok(ip) = text.parse::<IpAddr>() {
        return Ok(Address::Ip(ip));
    }
    let wrong = |reason: &str| {
        let message = format!("{} is not an address: {reason}", quoted(text));
        Problem::new(FindingRule::InvalidAddress, message)
    };
    if text.parse::<SocketAddr>().is_ok() || is_name_and_port(text) {
        return Err(wrong("the port has a key of its own").hint("write it as `port = …` beside it"));
    }
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(inner) = inner.filter(|inner| inner.parse::<IpAddr>().is_ok()) {
        return Err(wrong("it stands in brackets").hint(format!("write \"{inner}\"")));
    }
    // Four numbers, or nothing but numbers, is a mistyped IP address and no host name.
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return Err(wrong("it has the look of an IP address, and is none"));
    }
    if !is_host_name(text) {
        return Err(wrong("it is neither an IP address nor a host name"));
    }
    Ok(Address::Name(text.to_ascii_lowercase()))
}

fn is_name_and_port(text: &str) -> bool {
    text.rsplit_once(':')
        .is_some_and(|(name, port)| is_host_name(name) && port.parse::<u16>().is_ok())
}

/// Labels of letters, digits, `-` and `_`, with dots between them.
pub(crate) fn is_host_name(text: &str) -> bool {
    // RFC 1035, 2.3.4: "names 255 octets or less", "labels 63 octets or less"; the wire form of
    // a name is two octets longer than its text.
    text.len() <= 253
        && text.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_read() {
        for (text, expected) in [
            ("127.0.0.1", "127.0.0.1"),
            ("0.0.0.0", "0.0.0.0"),
            ("::1", "::1"),
            ("fe80::1", "fe80::1"),
            ("localhost", "localhost"),
            ("App-1.Example.com", "app-1.example.com"),
            ("a_b", "a_b"),
        ] {
            assert_eq!(address(text).unwrap().to_string(), expected);
        }
        assert!(address(&"a".repeat(63)).is_ok());
        assert!(address("a.".repeat(126).trim_end_matches('.')).is_ok());
    }

    #[test]
    fn addresses_that_are_not() {
        for (text, part) in [
            ("", "an IP address, and is none"),
            ("1.2.3", "an IP address, and is none"),
            ("256.1.1.1", "an IP address, and is none"),
            ("127.0.0.1:80", "key of its own"),
            ("[::1]:80", "key of its own"),
            ("app:6800", "key of its own"),
            ("[::1]", "brackets"),
            ("a b", "neither"),
            ("-a", "neither"),
            ("a..b", "neither"),
            ("a.", "neither"),
            ("http://a", "neither"),
            ("ä", "neither"),
        ] {
            let problem = address(text).unwrap_err();
            assert!(problem.message.contains(part), "{text}: {}", problem.message);
        }
        assert!(address(&"a".repeat(64)).is_err());
        assert!(address(&format!("{}ab", "a.".repeat(126))).is_err());
    }
}
