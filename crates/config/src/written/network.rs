//! Ranges of addresses, `10.0.0.0/8`.

use std::net::IpAddr;

use crate::finding_rule::FindingRule;
use crate::network::Network;
use crate::written::problem::Problem;
use crate::written::quote::quoted;

/// Reads a range of addresses; an address alone is a range of one.
pub(crate) fn network(text: &str) -> Result<Network, Problem> {
    let wrong = |reason: String| {
        let message = format!("{} is not a network: {reason}", quoted(text));
        Problem::new(FindingRule::InvalidNetwork, message)
            .hint("for example \"10.0.0.0/8\", \"fd00::/8\" or \"192.0.2.7\"")
    };
    let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
    let Ok(address) = address.parse::<IpAddr>() else {
        return Err(wrong(format!("{} is not an IP address", quoted(address))));
    };
    let most: u8 = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        None => most,
        Some(bits) => bits
            .parse::<u8>()
            .ok()
            .filter(|number| *number <= most && bits.bytes().all(|byte| byte.is_ascii_digit()))
            .ok_or_else(|| wrong(format!("after the `/` stands a number from 0 to {most}")))?,
    };
    // An IPv4 address mapped into IPv6 counts as IPv4, so its range has to as well.
    match (address, address.to_canonical()) {
        (IpAddr::V6(_), mapped @ IpAddr::V4(_)) => match bits.checked_sub(96) {
            Some(bits) => Ok(Network { address: mapped, bits }),
            None => Err(wrong("a mapped IPv4 network has 96 bits or more".to_owned())),
        },
        _ => Ok(Network { address, bits }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_that_are_read() {
        for (text, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.1"),
            ("10.1.2.3/8", "10.255.0.1", "11.0.0.1"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.7/32", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "192.0.2.7", "::2"),
            ("fd00::/8", "fd12::1", "fe00::1"),
            ("::/0", "fd12::1", "10.0.0.1"),
            ("::1/128", "::1", "::2"),
            ("::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.1"),
        ] {
            let network = network(text).unwrap();
            assert!(network.contains(inside.parse().unwrap()), "{text}");
            assert!(!network.contains(outside.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn networks_that_are_not() {
        for text in [
            "",
            "/",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/-1",
            "10.0.0/8",
            "::/129",
            "::ffff:10.0.0.0/95",
            "host/8",
            "10.0.0.0/8/8",
            "10.0.0.0/256",
        ] {
            assert_eq!(network(text).unwrap_err().rule, FindingRule::InvalidNetwork, "{text}");
        }
    }
}
