//! The mutual proof with which a connection to a cluster port begins.
//!
//! The caller asks for [`PATH`] with a [`Nonce`] of its own in the field [`NONCE`]. The called
//! server answers 200 with its own nonce in [`NONCE`] and [`server_proof`] in [`PROOF`]. The
//! caller's next request on that connection carries [`client_proof`] in [`PROOF`], and from then on
//! the connection is believed. The secret is never sent, and nothing of it can be used again:
//! either side's nonce is new with every connection.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// The path of the first request of a connection.
pub const PATH: &str = "/.copal/hello";
/// The field with a nonce, in the first request and in its response.
pub const NONCE: &str = "Copal-Nonce";
/// The field with a proof, in the first response and in the second request.
pub const PROOF: &str = "Copal-Proof";

/// The size of a nonce and of a proof, in bytes; each is written as twice as many hex digits.
pub const BYTES: usize = 32;

/// Says which way a proof goes, and of which version of this protocol it is.
const SERVER: &[u8] = b"copal hello 1: server to client";
/// As above, for the other direction.
const CLIENT: &[u8] = b"copal hello 1: client to server";

/// A number that is used once.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; BYTES]);

impl Nonce {
    /// The nonce of random bytes from the operating system's secure source.
    #[must_use]
    pub const fn from_random(random: [u8; BYTES]) -> Self {
        Self(random)
    }

    /// Reads a field's value: 64 hex digits in lower case.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        read_hex(value).map(Self)
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({self})")
    }
}

/// What only a holder of the secret can make of two nonces. `==` takes the same time wherever two
/// proofs differ.
#[derive(Clone, Copy)]
pub struct Proof([u8; BYTES]);

impl Proof {
    /// Reads a field's value: 64 hex digits in lower case.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        read_hex(value).map(Self)
    }
}

impl PartialEq for Proof {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Proof {}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(..)")
    }
}

/// Who is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parties<'a> {
    /// The cluster of the called server, for example `app-tier`.
    pub cluster: &'a str,
    /// The id of the called server, for example `app-a`.
    pub server: &'a str,
}

/// What the called server shows to the caller.
#[must_use]
pub fn server_proof(secret: &[u8], parties: Parties<'_>, client: &Nonce, server: &Nonce) -> Proof {
    proof(secret, SERVER, parties, [client, server])
}

/// What the caller shows to the called server.
#[must_use]
pub fn client_proof(secret: &[u8], parties: Parties<'_>, client: &Nonce, server: &Nonce) -> Proof {
    proof(secret, CLIENT, parties, [client, server])
}

/// HMAC-SHA256 over all parts, each behind its length, so that no two lists of parts are the same
/// bytes.
fn proof(secret: &[u8], label: &[u8], parties: Parties<'_>, nonces: [&Nonce; 2]) -> Proof {
    #[expect(clippy::expect_used, reason = "the signature allows for MACs with keys of one size")]
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    let [client, server] = nonces;
    let parts: [&[u8]; 5] =
        [label, parties.cluster.as_bytes(), parties.server.as_bytes(), &client.0, &server.0];
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Proof(mac.finalize().into_bytes().into())
}

/// The bytes of exactly 64 hex digits in lower case.
fn read_hex(text: &[u8]) -> Option<[u8; BYTES]> {
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != BYTES || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; BYTES];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

/// The value of one hex digit.
const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

/// Writes bytes as hex digits in lower case.
fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8; BYTES]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"correct horse battery";
    const APP_A: Parties<'_> = Parties { cluster: "app-tier", server: "app-a" };
    const OURS: Nonce = Nonce([1; BYTES]);
    const THEIRS: Nonce = Nonce([2; BYTES]);

    #[test]
    fn proofs_are_those_of_another_implementation() {
        // Made with Python's hmac module: see the length and then the bytes of each part.
        assert_eq!(
            server_proof(SECRET, APP_A, &OURS, &THEIRS).to_string(),
            "5d8ec272c756841ef14bd61b871e746fefed9ac1a1a486d2380a505cdd1c028f"
        );
        assert_eq!(
            client_proof(SECRET, APP_A, &OURS, &THEIRS).to_string(),
            "b688bd93f026fbe11f96314de3ca448e0f24e21b4fe2ba51b3b9050b4904bf5b"
        );
    }

    #[test]
    fn every_part_changes_the_proof() {
        let proof = server_proof(SECRET, APP_A, &OURS, &THEIRS);
        let app_b = Parties { server: "app-b", ..APP_A };
        let other_cluster = Parties { cluster: "app-two", ..APP_A };
        let moved_border = Parties { cluster: "app-tiera", server: "pp-a" };
        let long = [7; 200];
        #[rustfmt::skip]
        let others = [
            ("direction",   client_proof(SECRET, APP_A, &OURS, &THEIRS)),
            ("secret",      server_proof(b"correct horse batterz", APP_A, &OURS, &THEIRS)),
            ("long secret", server_proof(&long, APP_A, &OURS, &THEIRS)),
            ("no secret",   server_proof(b"", APP_A, &OURS, &THEIRS)),
            ("server",      server_proof(SECRET, app_b, &OURS, &THEIRS)),
            ("cluster",     server_proof(SECRET, other_cluster, &OURS, &THEIRS)),
            ("border",      server_proof(SECRET, moved_border, &OURS, &THEIRS)),
            ("nonces",      server_proof(SECRET, APP_A, &THEIRS, &OURS)),
            ("one nonce",   server_proof(SECRET, APP_A, &OURS, &OURS)),
            ("echo",        server_proof(SECRET, APP_A, &THEIRS, &THEIRS)),
        ];
        for (what, other) in others {
            assert_ne!(proof, other, "{what}");
        }
        assert_eq!(proof, server_proof(SECRET, APP_A, &OURS, &THEIRS));
    }

    #[test]
    fn only_64_lower_case_digits_are_read() {
        let good = "0123456789abcdef".repeat(4);
        #[rustfmt::skip]
        let table = [
            (good.clone(),                   true),
            (String::new(),                  false),
            ("a".repeat(63),          false),
            ("a".repeat(62),          false),
            (format!("{good}0"),             false),
            (format!("{good}00"),            false),
            (good.to_uppercase(),            false),
            (good.replace('0', "g"),         false),
            (good.replace('0', " "),         false),
            (good.replacen("01", "0x", 1),    false),
            (good.replace('0', "\u{e9}"),    false),
        ];
        for (value, read) in table {
            let nonce = Nonce::parse(value.as_bytes());
            assert_eq!(nonce.is_some(), read, "{value}");
            assert_eq!(Proof::parse(value.as_bytes()).is_some(), read, "{value}");
            assert!(nonce.is_none_or(|nonce| nonce.to_string() == value));
        }
    }

    #[test]
    fn a_proof_is_not_printed_by_accident() {
        assert_eq!(format!("{:?}", server_proof(SECRET, APP_A, &OURS, &THEIRS)), "Proof(..)");
    }

    proptest! {
        #[test]
        fn a_nonce_is_read_as_it_was_written(bytes in any::<[u8; BYTES]>()) {
            let nonce = Nonce::from_random(bytes);
            prop_assert_eq!(Nonce::parse(nonce.to_string().as_bytes()), Some(nonce));
            let proof = Proof(bytes);
            prop_assert_eq!(Proof::parse(proof.to_string().as_bytes()), Some(proof));
        }
    }
}
