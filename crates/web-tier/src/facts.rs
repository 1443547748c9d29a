//! What is remembered of a request after its head was written for the server.

use copal_http1::framing::Framing;
use copal_http1::request_head::RequestHead;
use copal_http1::version::Version;

/// What is remembered of a request after its head was written for the server. Small, and free
/// of the buffer that the head was read into.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// How many bytes of the client's buffer the head takes.
    pub(crate) head_length: usize,
    /// The method is HEAD: no answer has a body.
    pub(crate) is_head: bool,
    /// Doing it twice is the same as doing it once.
    pub(crate) idempotent: bool,
    /// How the body is delimited.
    pub(crate) framing: Framing,
    /// What the client speaks.
    pub(crate) version: Version,
    /// The client wants to keep the connection.
    pub(crate) keep_alive: bool,
    /// The client asks for another protocol.
    pub(crate) upgrade: bool,
    /// The client waits for `100 Continue` before it sends the body.
    pub(crate) expects_continue: bool,
}

impl Facts {
    pub(crate) fn of(head: &RequestHead<'_>) -> Self {
        Self {
            head_length: head.length,
            is_head: head.method == "HEAD",
            idempotent: is_idempotent(head.method),
            framing: head.framing,
            version: head.version,
            keep_alive: head.keep_alive,
            upgrade: head.upgrade.is_some(),
            expects_continue: head.expects_continue,
        }
    }
}

// RFC 9110, 9.2.2: "Of the request methods defined by this specification, PUT, DELETE, and safe
// request methods are idempotent." TRACE never comes this far.
fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE")
}
