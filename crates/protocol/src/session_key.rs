//! The part of a session id that names the session and may be logged.

use std::fmt;
use std::str;

use crate::server_index::ServerIndex;

/// What names a session everywhere: eleven letters, random, no secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey([u8; SessionKey::LENGTH]);

impl SessionKey {
    /// How many characters a key has.
    pub const LENGTH: usize = 11;

    /// The key that these bytes are, or `None` unless they are eleven letters.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; Self::LENGTH] = bytes.try_into().ok()?;
        let letters = bytes.iter().all(|&byte| ServerIndex::from_letter(byte).is_some());
        letters.then_some(Self(bytes))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // `parse` lets nothing but letters in, and letters are ASCII.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The key as bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Display for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_eleven_letters() {
        #[rustfmt::skip]
        let table: &[(&[u8], bool)] = &[
            (b"abcdefghijk",     true),
            (b"ABC_-019xyz",     true),
            (b"abcdefghij",      false),
            (b"abcdefghijkl",    false),
            (b"abcdefghij.",     false),
            (b"abcdefghij\x80",  false),
            (b"",                false),
        ];
        for (bytes, good) in table {
            let key = SessionKey::parse(bytes);
            assert_eq!(key.is_some(), *good, "{}", bytes.escape_ascii());
            if let Some(key) = key {
                assert_eq!(key.to_string().as_bytes(), *bytes);
                assert_eq!(key.as_bytes().as_slice(), *bytes);
            }
        }
    }
}
