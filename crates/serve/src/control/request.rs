//! A request to the desk, taken out of the buffer that it came in.

use copal_http1::field::FieldKind;
use copal_http1::framing::Framing;
use copal_http1::request_head::RequestHead;
use copal_http1::version::Version;

/// A request to the desk.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Raw; what is not text is no path of ours either.
    pub(crate) path: String,
    /// Host with perhaps a port; empty when an old client names none.
    pub(crate) authority: String,
    /// All `Origin` fields.
    pub(crate) origins: Vec<Vec<u8>>,
    /// All `Authorization` fields.
    pub(crate) authorizations: Vec<Vec<u8>>,
    pub(crate) framing: Framing,
    pub(crate) expects_continue: bool,
    /// Whether the connection goes on afterwards.
    pub(crate) keep: bool,
}

impl Request {
    pub(crate) fn of(head: &RequestHead<'_>) -> Self {
        let origins = head.fields.iter().filter(|field| field.name.eq_ignore_ascii_case(b"origin"));
        Self {
            method: head.method.to_owned(),
            path: String::from_utf8_lossy(head.path).into_owned(),
            authority: String::from_utf8_lossy(head.authority).into_owned(),
            origins: origins.map(|field| field.value.to_vec()).collect(),
            authorizations: head.values(FieldKind::Authorization).map(<[u8]>::to_vec).collect(),
            framing: head.framing,
            expects_continue: head.expects_continue,
            keep: head.keep_alive && head.version == Version::Http11,
        }
    }

    /// Whether it only asks to see something.
    pub(crate) fn only_looks(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }
}
