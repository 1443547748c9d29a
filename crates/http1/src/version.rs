//! The two versions of HTTP/1.

/// A version of HTTP/1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0: connections close unless both sides say otherwise, and there are no chunks.
    Http10,
    /// HTTP/1.1.
    Http11,
}
