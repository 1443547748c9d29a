//! What becomes of a connection after an exchange.

/// What becomes of the connection after an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The next request may follow.
    Next,
    /// It is closed; everything that the client sent was read.
    Close,
    /// It is closed, and the client may still be sending. Closing at once would make the kernel
    /// reset the connection, and the client might never see the answer that explains why.
    Linger,
    /// It is reset, so that nobody takes half an answer for a whole one.
    Reset,
}
