//! One numbered input and what must become of it.

use copal_testkit::call::Call;

/// What must become of an input.
pub(crate) enum Answer {
    /// This status, and the connection ends; nothing reaches the backend.
    Refused(u16),
    /// The same, or the end of the connection without a word.
    RefusedOrClosed(u16),
    /// This status; the connection may go on; nothing reaches the backend.
    Own(u16),
    /// 400 and the end of the connection; the backend never sees a whole request.
    BadBody,
    /// So many answers with status 200, each from the backend, which saw the requests thus.
    Served(usize, fn(&[Call]) -> bool),
}

/// One numbered input and what must become of it.
pub(crate) struct Row {
    /// Its number in the list of bad inputs.
    pub(crate) number: u32,
    /// What is special about it.
    pub(crate) what: String,
    /// The bytes that the client sends.
    pub(crate) bytes: Vec<u8>,
    /// What must become of them.
    pub(crate) answer: Answer,
}

impl Row {
    /// An input with these bytes.
    pub(crate) fn new(number: u32, what: &str, bytes: impl Into<Vec<u8>>, answer: Answer) -> Self {
        Self { number, what: what.to_owned(), bytes: bytes.into(), answer }
    }

    /// A GET with these field lines after a good Host.
    pub(crate) fn fields(number: u32, what: &str, lines: &str, answer: Answer) -> Self {
        let bytes = format!("GET /echo/row-{number} HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
        Self::new(number, what, bytes, answer)
    }

    /// A POST with these field lines and this body.
    pub(crate) fn body(number: u32, what: &str, lines: &str, body: &str, answer: Answer) -> Self {
        let head = format!("POST /echo/row-{number} HTTP/1.1\r\nHost: a\r\n{lines}\r\n");
        Self::new(number, what, head + body, answer)
    }

    /// A POST whose chunked body is this.
    pub(crate) fn chunks(number: u32, what: &str, body: &str, answer: Answer) -> Self {
        Self::body(number, what, "Transfer-Encoding: chunked\r\n", body, answer)
    }

    /// A GET of this target.
    pub(crate) fn target(number: u32, target: &str, answer: Answer) -> Self {
        let bytes = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        Self::new(number, target, bytes, answer)
    }

    /// What a failure is called.
    pub(crate) fn name(&self) -> String {
        format!("row {} ({})", self.number, self.what)
    }
}

/// Any backend's view will do.
pub(crate) fn seen(_: &[Call]) -> bool {
    true
}

/// A request that stands after a bad one in the same packet and must never be answered.
pub(crate) const SMUGGLED: &str = "GET /echo/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
