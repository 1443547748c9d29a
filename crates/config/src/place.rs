//! Where something stands in the file.

/// A stretch of the file, in bytes from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Place {
    /// The first byte.
    pub start: usize,
    /// The byte after the last one; the same as `start` for a point between two bytes.
    pub end: usize,
}

impl From<std::ops::Range<usize>> for Place {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}
