//! What an origin does next on a connection.

use crate::gate::Gate;

/// What the origin does next on a connection.
#[derive(Clone)]
pub enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes again and again, until the peer goes away or so many times.
    Repeat(Vec<u8>, usize),
    /// Waits until the test opens the gate.
    Wait(Gate),
    /// Ends the connection in order.
    Close,
    /// Breaks the connection.
    Reset,
}

/// A response with status 200, this body and a length.
#[must_use]
pub fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
