//! What becomes of a connection after an exchange.

/// What becomes of the connection after an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The next request may follow.
    Next,
    /// The client left, or the server stops while nothing is asked of it.
    Gone,
    /// It is closed; everything that the client sent was read.
    Close,
    /// It is closed, and the client may still be sending. Closing at once would make the kernel
    /// reset the connection, and the client might never see the answer that explains why.
    Linger,
    /// It is reset, so that nobody takes half an answer for a whole one.
    Reset,
}

/// How an exchange ends that was answered whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    /// Whether the answer says that the connection goes on.
    pub(crate) keep: bool,
    /// What becomes of it.
    pub(crate) after: After,
}

impl Ending {
    /// `body_read`: everything of the request was read, so that it is known where the next one
    /// begins. `wanted`: the client wants to go on, and nothing on our side is against it.
    pub(crate) fn of(body_read: bool, wanted: bool) -> Self {
        match (body_read, wanted) {
            (true, true) => Self { keep: true, after: After::Next },
            (true, false) => Self { keep: false, after: After::Close },
            (false, _) => Self { keep: false, after: After::Linger },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_goes_on_only_where_the_next_request_begins() {
        for (body_read, wanted, keep, after) in [
            (true, true, true, After::Next),
            (true, false, false, After::Close),
            (false, true, false, After::Linger),
            (false, false, false, After::Linger),
        ] {
            assert_eq!(Ending::of(body_read, wanted), Ending { keep, after });
        }
    }
}
