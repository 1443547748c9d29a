//! The secret part of a session id, as records keep it.

use std::fmt;

use arrayvec::ArrayVec;
use copal_protocol::letters::Letters;
use copal_protocol::session_id::SessionId;
use copal_protocol::session_key::SessionKey;
use subtle::ConstantTimeEq;

/// The secret part of a session id. Whoever shows it may use the session.
///
/// `Debug` leaves it out. `==` is for records that are compared with each other; what a client
/// shows is compared with [`Self::matches`], which takes the same time wherever the two differ.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof(ArrayVec<u8, { Proof::MAX_LENGTH }>);

impl Proof {
    /// What is left of the longest id without its letters and key.
    pub const MAX_LENGTH: usize = SessionId::MAX_LENGTH - Letters::COUNT - SessionKey::LENGTH;

    /// What is left of the shortest id without its letters and key.
    pub const MIN_LENGTH: usize = SessionId::MIN_LENGTH - Letters::COUNT - SessionKey::LENGTH;

    /// The proof of `id`.
    #[must_use]
    pub fn of(id: &SessionId) -> Self {
        // An id is never longer than the array has room for.
        Self(id.proof().iter().copied().take(Self::MAX_LENGTH).collect())
    }

    /// The proof that these bytes are, or `None` when they are too few or too many for one.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let fits = (Self::MIN_LENGTH..=Self::MAX_LENGTH).contains(&bytes.len());
        fits.then(|| Self(bytes.iter().copied().collect()))
    }

    /// Whether `id` shows this proof.
    #[must_use]
    pub fn matches(&self, id: &SessionId) -> bool {
        self.0.ct_eq(id.proof()).into()
    }

    /// The secret itself, for the disk copy and for other servers.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_proof_matches_and_nobody_reads_it_in_a_log() {
        let id = |text: &str| SessionId::parse(text.as_bytes()).unwrap();
        let proof = Proof::of(&id("bacX8ZwooOzabcSECRETsecret"));
        assert!(proof.matches(&id("cdeX8ZwooOzabcSECRETsecret")), "letters are not compared");
        assert!(!proof.matches(&id("bacX8ZwooOzabcSECRETsecreT")));
        assert!(!proof.matches(&id("bacX8ZwooOzabcSECRETsecretX")));
        assert!(!format!("{proof:?}").contains("SECRET"));
    }

    #[test]
    fn a_proof_is_as_long_as_ids_leave_room_for() {
        assert_eq!((Proof::MIN_LENGTH, Proof::MAX_LENGTH), (10, 50));
        for (length, good) in [(9, false), (10, true), (50, true), (51, false)] {
            assert_eq!(Proof::new(&vec![b'x'; length]).is_some(), good, "{length}");
        }
    }
}
