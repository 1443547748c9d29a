//! A value, and when it was last changed.

use crate::version::Version;

/// A value, and when it was last changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped<T> {
    /// What it is now.
    pub value: T,
    /// Since when.
    pub at: Version,
}

impl<T> Stamped<T> {
    /// The newer one of both.
    #[must_use]
    pub fn newer(self, other: Self) -> Self {
        if other.at > self.at { other } else { self }
    }
}
