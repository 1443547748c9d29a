//! The name of a server, as it stands in lists of holders.

use std::fmt;

/// The name of a server. Lists of holders keep names and not letters: a letter may be given to
/// another server, which then has nothing of what the first one had.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId([u8; ServerId::MAX_LENGTH]);

impl ServerId {
    /// The longest name, in bytes.
    pub const MAX_LENGTH: usize = 32;

    /// The name that `text` is: a letter or digit, then letters, digits, `_` and `-`, 32 at most;
    /// `None` when it is none.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let first = text.bytes().next()?;
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !first.is_ascii_alphanumeric() || !text.bytes().all(good) {
            return None;
        }
        // Zeros follow, so that they are compared as the texts are, and quickly.
        let mut name = [0; Self::MAX_LENGTH];
        name.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let name = self.0.split(|byte| *byte == 0).next().unwrap_or_default();
        // It was made of a text, and cut at its end.
        std::str::from_utf8(name).unwrap_or_default()
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_the_configuration_lets_pass() {
        let longest = "a".repeat(32);
        for good in ["a", "app-a", "0_-", &longest] {
            assert_eq!(ServerId::new(good).map(|id| id.to_string()).as_deref(), Some(good));
        }
        let too_long = "a".repeat(33);
        for bad in ["", "-a", "_", "a b", "ä", "a.b", &too_long] {
            assert_eq!(ServerId::new(bad), None, "{bad:?}");
        }
    }
}
