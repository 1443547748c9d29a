//! What a client holds of its session: letters, key and proof.

use std::fmt;

use arrayvec::ArrayString;
use subtle::ConstantTimeEq;

use crate::letters::Letters;
use crate::server_index::ServerIndex;
use crate::session_key::SessionKey;

/// A session id: three letters, eleven characters of key, ten or more of proof.
///
/// The letters say where the session is, the key says which one it is, the proof says that the
/// client was given it. There is no `==`, because the proof is a secret: compare keys with `==`
/// and proofs with [`Self::proof_matches`]. `Display` and `Debug` leave the proof out;
/// [`Self::as_str`] is the only way to the whole text.
#[derive(Clone, Copy)]
pub struct SessionId {
    /// 24 to 64 characters, all of the alphabet.
    text: ArrayString<{ SessionId::MAX_LENGTH }>,
    /// The first three of them.
    letters: Letters,
    /// The next eleven.
    key: SessionKey,
}

/// Where the proof begins.
const PROOF_AT: usize = Letters::COUNT + SessionKey::LENGTH;

impl SessionId {
    /// A shorter value may be a route and is never a session: its proof could be guessed.
    pub const MIN_LENGTH: usize = 24;
    /// Nobody makes longer ids.
    pub const MAX_LENGTH: usize = Letters::MAX_VALUE;

    /// Reads what a client presents: 24 to 64 bytes, every one of them one of the 64 letters.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        if !(Self::MIN_LENGTH..=Self::MAX_LENGTH).contains(&value.len()) {
            return None;
        }
        let letters = Letters::read(value)?;
        let key = SessionKey::parse(value.get(Letters::COUNT..PROOF_AT)?)?;
        let mut text = ArrayString::new();
        for &byte in value {
            ServerIndex::from_letter(byte)?;
            text.try_push(char::from(byte)).ok()?;
        }
        Some(Self { text, letters, key })
    }

    /// Makes a new id of `length` characters. Each one behind the letters takes the low six bits
    /// of one byte of `random`, which must come from the operating system's secure source.
    ///
    /// `None` when `length` is not 24 to 64, or when there are too few random bytes.
    #[must_use]
    pub fn make(letters: Letters, length: usize, random: &[u8]) -> Option<Self> {
        if !(Self::MIN_LENGTH..=Self::MAX_LENGTH).contains(&length) {
            return None;
        }
        let random = random.get(..length - Letters::COUNT)?;
        Self::join(&letters.to_bytes(), random.iter().map(|&byte| letter_of(byte)))
    }

    /// The whole id, secret included: for the client that it belongs to and for nobody else.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// Where the session is to be found.
    #[must_use]
    pub const fn letters(&self) -> Letters {
        self.letters
    }

    /// Which session it is.
    #[must_use]
    pub const fn key(&self) -> SessionKey {
        self.key
    }

    /// The secret part.
    #[must_use]
    pub fn proof(&self) -> &[u8] {
        self.text.as_bytes().get(PROOF_AT..).unwrap_or_default()
    }

    /// The same session at other servers.
    #[must_use]
    pub fn with_letters(&self, letters: Letters) -> Self {
        let rest = self.text.as_bytes().get(Letters::COUNT..).unwrap_or_default();
        // The rest is unchanged and a server always has a letter, so this is never `self`.
        Self::join(&letters.to_bytes(), rest.iter().copied()).unwrap_or(*self)
    }

    /// The same session with a new secret of the same length, made as in [`Self::make`].
    ///
    /// `None` when there are fewer random bytes than the proof has characters.
    #[must_use]
    pub fn with_new_proof(&self, random: &[u8]) -> Option<Self> {
        let front = self.text.as_bytes().get(..PROOF_AT)?;
        let random = random.get(..self.proof().len())?;
        Self::join(front, random.iter().map(|&byte| letter_of(byte)))
    }

    /// Whether both have the same proof, in a time that does not tell where they differ.
    #[must_use]
    pub fn proof_matches(&self, other: &Self) -> bool {
        self.proof().ct_eq(other.proof()).into()
    }

    /// The id of `front` and what follows it.
    fn join(front: &[u8], rest: impl Iterator<Item = u8>) -> Option<Self> {
        let mut text = arrayvec::ArrayVec::<u8, { Self::MAX_LENGTH }>::new();
        for byte in front.iter().copied().chain(rest) {
            text.try_push(byte).ok()?;
        }
        Self::parse(&text)
    }
}

/// The letter for the low six bits: there are 64, so each comes equally often.
fn letter_of(random: u8) -> u8 {
    ServerIndex::new(usize::from(random & 0x3f)).map_or(b'a', ServerIndex::letter)
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.letters.to_bytes() {
            write!(f, "{}", char::from(letter))?;
        }
        write!(f, "{}…", self.key)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "bacX8ZwooOzabcSECRETsecret";

    fn id(text: &str) -> SessionId {
        SessionId::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn an_id_is_24_to_64_letters() {
        let of_length = |length: usize| format!("abc{}", "x".repeat(length - 3));
        #[rustfmt::skip]
        let table = [
            // value                            an id
            (TEXT.to_owned(),                   true),
            (of_length(23),                     false),
            (of_length(24),                     true),
            (of_length(64),                     true),
            (of_length(65),                     false),
            (of_length(4096),                   false),
            ("abc".to_owned(),                  false),
            (String::new(),                     false),
            ("bacX8ZwooOzabcSECRET.secret".to_owned(), false),
            ("ba.X8ZwooOzabcSECRETsecret".to_owned(),  false),
            ("bacX8Zwo Ozabcsecretsecret".to_owned(),  false),
            (format!("\"{TEXT}\""),             false),
            (format!("{TEXT}="),                false),
            ("bacX8ZwooOzabcSECRETsecré".to_owned(),   false),
        ];
        for (value, good) in table {
            assert_eq!(SessionId::parse(value.as_bytes()).is_some(), good, "{value}");
        }
    }

    #[test]
    fn an_id_has_three_parts() {
        let id = id(TEXT);
        assert_eq!(id.letters().to_bytes(), *b"bac");
        assert_eq!(id.key().as_str(), "X8ZwooOzabc");
        assert_eq!(id.proof(), b"SECRETsecret");
    }

    #[test]
    fn the_proof_is_not_printed() {
        assert_eq!(id(TEXT).to_string(), "bacX8ZwooOzabc…");
        assert_eq!(format!("{:?}", id(TEXT)), "SessionId(bacX8ZwooOzabc…)");
    }

    #[test]
    fn making_needs_a_good_length_and_enough_randomness() {
        let letters = Letters::read(b"cab").unwrap();
        #[rustfmt::skip]
        let table = [
            // length, random bytes, made
            (23,       64,           false),
            (24,       20,           false),
            (24,       21,           true),
            (26,       22,           false),
            (26,       23,           true),
            (26,       64,           true),
            (64,       60,           false),
            (64,       61,           true),
            (65,       99,           false),
            (0,        99,           false),
            (usize::MAX, 99,         false),
        ];
        for (length, random, made) in table {
            let id = SessionId::make(letters, length, &vec![0xff; random]);
            assert_eq!(id.is_some(), made, "{length} from {random}");
            if let Some(id) = id {
                assert_eq!(id.as_str(), format!("cab{}", "-".repeat(length - 3)));
            }
        }
    }

    #[test]
    fn a_proof_matches_only_the_same_proof() {
        #[rustfmt::skip]
        let table = [
            // other                        matches
            ("bacX8ZwooOzabcSECRETsecret",  true),
            ("zzzX8ZwooOzabcSECRETsecret",  true),
            ("bacX8ZwooOzabcSECRETsecreT",  false),
            ("bacX8ZwooOzabcsECRETsecret",  false),
            ("bacX8ZwooOzabcSECRETsecre",   false),
            ("bacX8ZwooOzabcSECRETsecrett", false),
        ];
        for (other, matches) in table {
            assert_eq!(id(TEXT).proof_matches(&id(other)), matches, "{other}");
            assert_eq!(id(other).proof_matches(&id(TEXT)), matches, "{other}");
        }
    }

    #[test]
    fn moving_keeps_key_and_proof() {
        let moved = id(TEXT).with_letters(Letters::read(b"cde").unwrap());
        assert_eq!(moved.as_str(), "cdeX8ZwooOzabcSECRETsecret");
        assert_eq!(moved.letters().to_bytes(), *b"cde");
    }

    #[test]
    fn a_new_proof_keeps_letters_key_and_length() {
        let old = id(TEXT);
        assert_eq!(old.with_new_proof(&[1; 12]).unwrap().as_str(), "bacX8ZwooOzabcbbbbbbbbbbbb");
        assert!(old.with_new_proof(&[1; 11]).is_none());
    }

    proptest! {
        #[test]
        fn reading_and_printing_are_one(value in "[a-zA-Z0-9_.-]{20,68}") {
            match SessionId::parse(value.as_bytes()) {
                Some(id) => {
                    let bytes = value.as_bytes();
                    prop_assert_eq!(id.as_str(), &value);
                    prop_assert_eq!(id.letters(), Letters::read(bytes).unwrap());
                    prop_assert_eq!(Some(id.key()), SessionKey::parse(&bytes[3..14]));
                    prop_assert_eq!(id.proof(), &bytes[14..]);
                }
                None => prop_assert!(value.contains('.') || !(24..=64).contains(&value.len())),
            }
        }

        #[test]
        fn what_is_made_can_be_read(
            owner in 0..64_usize,
            length in SessionId::MIN_LENGTH..=SessionId::MAX_LENGTH,
            random in prop::collection::vec(any::<u8>(), 61),
        ) {
            let owner = ServerIndex::new(owner).unwrap();
            let letters = crate::placement::place(owner, &[], 0);
            let made = SessionId::make(letters, length, &random).unwrap();
            let read = SessionId::parse(made.as_str().as_bytes()).unwrap();
            prop_assert_eq!(made.as_str().len(), length);
            prop_assert_eq!(read.letters(), letters);
            prop_assert_eq!(read.key(), made.key());
            prop_assert!(read.proof_matches(&made));
            let rotated = made.with_new_proof(&random).unwrap();
            prop_assert_eq!(rotated.key(), made.key());
            prop_assert_eq!(rotated.as_str().len(), length);
        }
    }
}
