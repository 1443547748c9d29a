//! How much may happen: with a bound on everything there are finitely many states.

/// How much may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Budget {
    /// Changes, each by another writer, by way of the server of its number.
    pub(crate) writers: usize,
    /// Whether the last of them ends the session.
    pub(crate) ends: bool,
    /// Reads, each by way of any of the first servers, of which there are so many.
    pub(crate) reads: usize,
    pub(crate) readers: usize,
    /// Servers whose process ends.
    pub(crate) crashes: usize,
    /// Servers that stand still, and may go on.
    pub(crate) stops: usize,
    /// Times that so much time passes that every lease and every promise is over.
    pub(crate) passes: usize,
}

impl Budget {
    /// What is explored.
    pub(crate) const ALL: [(&'static str, Self); 4] = [
        ("two writers and a crash", Self { writers: 2, crashes: 1, ..Self::ONE }),
        ("a writer and a standstill", Self { stops: 1, readers: 2, ..Self::ONE }),
        ("an end and a crash", Self { ends: true, crashes: 1, ..Self::ONE }),
        ("an end and a standstill", Self { ends: true, stops: 1, readers: 2, ..Self::ONE }),
    ];

    const ONE: Self =
        Self { writers: 1, ends: false, reads: 1, readers: 3, crashes: 0, stops: 0, passes: 1 };
}
