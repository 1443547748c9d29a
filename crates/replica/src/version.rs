//! When something was changed: in which epoch, as the how manieth change.

use crate::epoch::Epoch;

/// When something was changed: in which epoch, as the how manieth change of the session. Higher
/// is newer; no clock is asked.
///
/// One acting owner gives each number once, also when it takes a change back. So whatever stands
/// under the same version on two servers is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Who was acting.
    pub epoch: Epoch,
    /// Goes up by one with each change, also from one epoch to the next.
    pub sequence: u64,
}

impl Version {
    /// The next change in the same epoch; `None` when the numbers are used up.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        Some(Self { sequence: self.sequence.checked_add(1)?, ..self })
    }
}
