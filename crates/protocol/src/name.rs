//! The name of a server or of a cluster.

use std::fmt;

use arrayvec::ArrayString;

/// The name of a server or of a cluster: a letter or digit, then letters, digits, `_` and `-`, 32 at
/// most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(ArrayString<{ Name::MAX_LENGTH }>);

impl Name {
    /// The longest name, in bytes.
    pub const MAX_LENGTH: usize = 32;

    /// The name that `text` is, or `None` when it is none.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !text.starts_with(|first: char| first.is_ascii_alphanumeric()) || !text.bytes().all(good)
        {
            return None;
        }
        ArrayString::from(text).ok().map(Self)
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_the_configuration_lets_pass() {
        let longest = "a".repeat(32);
        for good in ["a", "app-a", "0_-", &longest] {
            assert_eq!(Name::new(good).map(|name| name.to_string()).as_deref(), Some(good));
        }
        let too_long = "a".repeat(33);
        for bad in ["", "-a", "_", "a b", "\u{e4}", "a.b", &too_long] {
            assert_eq!(Name::new(bad), None, "{bad:?}");
        }
    }
}
