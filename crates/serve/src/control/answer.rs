//! An answer of the desk.

use copal_http1::write;
use serde_json::{Value, json};

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// An answer of the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    media_type: &'static str,
    body: Vec<u8>,
    /// A field that only this kind of answer has.
    field: Option<(&'static str, &'static str)>,
}

impl Answer {
    /// 200 with a line of text.
    pub(crate) fn line(text: &str) -> Self {
        let body = format!("{text}\n").into_bytes();
        Self { status: 200, media_type: TEXT, body, field: None }
    }

    /// 200 with a text of this media type.
    pub(crate) fn text(media_type: &'static str, body: String) -> Self {
        Self { status: 200, media_type, body: body.into_bytes(), field: None }
    }

    /// 200 with a JSON value.
    pub(crate) fn json(value: &Value) -> Self {
        let body = format!("{value}\n").into_bytes();
        Self { status: 200, media_type: JSON, body, field: None }
    }

    /// A status from 400 on, with the reason.
    pub(crate) fn error(status: u16, why: &str) -> Self {
        Self { status, ..Self::json(&json!({ "error": why })) }
    }

    /// The same with one more field.
    pub(crate) fn with(self, name: &'static str, value: &'static str) -> Self {
        Self { field: Some((name, value)), ..self }
    }

    /// The bytes of the answer. `keep`: the connection goes on; `whole`: with its body, which the
    /// answer to `HEAD` does not have.
    pub(crate) fn bytes(&self, date: &str, keep: bool, whole: bool) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len() + 512);
        write::status_line(&mut out, self.status, write::reason(self.status).as_bytes());
        // RFC 9110, 6.6.1: "An origin server with a clock MUST generate a Date header field in all
        // 2xx (Successful), 3xx (Redirection), and 4xx (Client Error) responses"
        write::field(&mut out, b"Date", date.as_bytes());
        write::field(&mut out, b"Content-Type", self.media_type.as_bytes());
        write::length_field(&mut out, u64::try_from(self.body.len()).unwrap_or(u64::MAX));
        write::field(&mut out, b"Cache-Control", b"no-store");
        write::field(&mut out, b"X-Content-Type-Options", b"nosniff");
        if let Some((name, value)) = self.field {
            write::field(&mut out, name.as_bytes(), value.as_bytes());
        }
        if !keep {
            write::field(&mut out, b"Connection", b"close");
        }
        write::end(&mut out);
        if whole {
            out.extend_from_slice(&self.body);
        }
        out
    }
}
