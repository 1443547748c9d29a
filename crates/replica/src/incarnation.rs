//! Which start of a server something belongs to.

/// Which start of a server something belongs to: another number at every start.
///
/// What a server promised or began in an earlier start does not bind it any more, so nobody may
/// take the one for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Incarnation(pub u64);
