//! The three letters that begin a session id: where the session is to be found.

use crate::server_index::ServerIndex;

/// The servers named by the first three characters of a session id.
///
/// A letter may stand for a server that does not exist; such a letter is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Letters {
    /// The server that made the session.
    pub owner: ServerIndex,
    /// The server that goes on when the owner does not answer.
    pub backup: ServerIndex,
    /// The server that goes on when neither answers.
    pub third: ServerIndex,
}

impl Letters {
    /// How many letters an id begins with.
    pub const COUNT: usize = 3;

    /// The longest value that is looked at, in bytes. Nobody makes longer ids, and a longer value
    /// is neither a route nor an id.
    pub const MAX_VALUE: usize = 64;

    /// Reads the letters of a cookie, whatever follows them.
    ///
    /// `None` when the value is shorter than three bytes or longer than [`Self::MAX_VALUE`], or
    /// when one of the first three bytes is not a letter.
    #[must_use]
    pub fn read(value: &[u8]) -> Option<Self> {
        let (first, rest) = value.split_first_chunk::<{ Self::COUNT }>()?;
        if rest.len() > Self::MAX_VALUE - Self::COUNT {
            return None;
        }
        let [owner, backup, third] = first.map(ServerIndex::from_letter);
        Some(Self { owner: owner?, backup: backup?, third: third? })
    }

    /// Reads the letters of a path parameter, whatever follows them, however long: somebody wrote them there
    /// to choose a server.
    ///
    /// `None` when one of the first three bytes is not a letter, or missing.
    #[must_use]
    pub fn read_in_path(value: &[u8]) -> Option<Self> {
        value.get(..Self::COUNT).and_then(Self::read)
    }

    /// Owner, backup, third: the order in which they are tried.
    #[must_use]
    pub const fn in_order(self) -> [ServerIndex; Self::COUNT] {
        [self.owner, self.backup, self.third]
    }

    /// The letters as they stand in an id.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::COUNT] {
        self.in_order().map(ServerIndex::letter)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_three_letters_in_front_of_a_short_value_are_a_route() {
        let longest = "abc".to_owned() + &"x".repeat(61);
        let too_long = longest.clone() + "x";
        let four_kilobytes = "abc".to_owned() + &"x".repeat(4093);
        #[rustfmt::skip]
        let table: &[(&[u8], Option<[usize; 3]>)] = &[
            // value                    // owner, backup, third
            (b"abc",                    Some([0, 1, 2])),
            (b"bac",                    Some([1, 0, 2])),
            (b"bacX8ZwooOz",            Some([1, 0, 2])),
            (b"zZ9",                    Some([25, 51, 61])),
            (b"_-A",                    Some([62, 63, 26])),
            (b"zzz",                    Some([25, 25, 25])),
            (b"1..",                    None),
            (b"A..",                    None),
            (b"abc.jvm1",               Some([0, 1, 2])),
            (b"abc\x80\xff",            Some([0, 1, 2])),
            (b"",                       None),
            (b"ab",                     None),
            (b"ab\x80",                 None),
            (b"\"abc\"",                None),
            (b" abc",                   None),
            (b"a+c",                    None),
            (longest.as_bytes(),        Some([0, 1, 2])),
            (too_long.as_bytes(),       None),
            (four_kilobytes.as_bytes(), None),
        ];
        for (value, expected) in table {
            let read = Letters::read(value).map(|letters| letters.in_order().map(ServerIndex::get));
            assert_eq!(read, *expected, "{}", value.escape_ascii());
            let in_path = Letters::read_in_path(value);
            let in_path = in_path.map(|letters| letters.in_order().map(ServerIndex::get));
            let long = value.len() > Letters::MAX_VALUE;
            let expected = if long { Some([0, 1, 2]) } else { *expected };
            assert_eq!(in_path, expected, "in a path: {}", value.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn letters_are_written_as_they_were_read(value in "[a-zA-Z0-9_.-]{0,70}") {
            let value = value.as_bytes();
            match Letters::read(value) {
                Some(letters) => prop_assert_eq!(&letters.to_bytes(), &value[..3]),
                None => prop_assert!(
                    !(3..=64).contains(&value.len()) || value[..3].contains(&b'.'),
                ),
            }
        }
    }
}
