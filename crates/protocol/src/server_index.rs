//! A server's place in its cluster, and the letter that stands for it.

/// A server's place in its cluster: 0 to 63.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerIndex(u8);

/// `a`..`z` = 0..25, `A`..`Z` = 26..51, `0`..`9` = 52..61, `_` = 62, `-` = 63.
const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

impl ServerIndex {
    /// How many servers a cluster can have.
    pub const COUNT: usize = LETTERS.len();

    /// The index, or `None` above 63.
    #[must_use]
    pub fn new(index: usize) -> Option<Self> {
        u8::try_from(index).ok().filter(|_| index < Self::COUNT).map(Self)
    }

    /// The index that a letter stands for, or `None` when it is not one of the 64.
    #[must_use]
    pub const fn from_letter(letter: u8) -> Option<Self> {
        let index = match letter {
            b'a'..=b'z' => letter - b'a',
            b'A'..=b'Z' => letter - b'A' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'_' => 62,
            b'-' => 63,
            _ => return None,
        };
        Some(Self(index))
    }

    /// The letter that stands for this server in session ids.
    #[must_use]
    pub fn letter(self) -> u8 {
        // The constructors keep the index below 64, so `a` is never taken.
        LETTERS.get(usize::from(self.0)).copied().unwrap_or(b'a')
    }

    /// The index as a number, for tables.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_has_a_letter_of_its_own() {
        for index in 0..ServerIndex::COUNT {
            let server = ServerIndex::new(index).unwrap();
            assert_eq!(ServerIndex::from_letter(server.letter()), Some(server));
            assert_eq!(server.get(), index);
        }
        assert_eq!(ServerIndex::new(64), None);
        assert_eq!(ServerIndex::from_letter(b'.'), None);
        assert_eq!(ServerIndex::from_letter(0x80), None);
    }
}
