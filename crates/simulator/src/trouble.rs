//! That a disk is in trouble.

/// The disk of one server does not give back what it has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trouble {
    pub(crate) server: usize,
    pub(crate) until: u64,
    /// It does not read, instead of taking its time.
    pub(crate) fails: bool,
}
