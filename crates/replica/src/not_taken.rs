//! Why a step was not taken.

use crate::step::Misfit;

/// Why a step was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It does not fit the record.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// No other server can have it, and without that nothing is to be changed.
    #[error("no other server can take a copy")]
    Alone,
}
