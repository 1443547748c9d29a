//! An answer of our own: a status, a few fields, a line of text.

use copal_http1::version::Version;
use copal_http1::write;

use crate::limits::RETRY_AFTER;

/// An answer of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(&'static str, Vec<u8>)>,
}

impl Own {
    pub(crate) fn new(status: u16) -> Self {
        let mut own = Self { status, fields: Vec::new() };
        match status {
            503 => own = own.with("Retry-After", RETRY_AFTER.as_bytes().to_vec()),
            // RFC 9110, 15.5.6: "The origin server MUST generate an Allow header field in a 405
            // response containing a list of the target resource's currently supported methods."
            405 => {
                own = own.with("Allow", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS".to_vec())
            }
            _ => {}
        }
        own
    }

    pub(crate) fn with(mut self, name: &'static str, value: Vec<u8>) -> Self {
        self.fields.push((name, value));
        self
    }

    /// Writes the answer, with a line of text as its body where there may be one.
    pub(crate) fn write(&self, out: &mut Vec<u8>, manner: Manner) {
        let reason = write::reason(self.status);
        write::status_line(out, self.status, reason.as_bytes());
        for (name, value) in &self.fields {
            write::field(out, name.as_bytes(), value);
        }
        // RFC 9112, 6.3: "any response with a 1xx (Informational), 204 (No Content), or 304 (Not
        // Modified) status code is always terminated by the first empty line after the header
        // fields".
        if matches!(self.status, 204 | 304) {
            return manner.end_head(out);
        }
        let body = match self.status {
            200 => String::new(),
            status => format!("{status} {reason}\n"),
        };
        if !body.is_empty() {
            write::field(out, b"Content-Type", b"text/plain; charset=utf-8");
        }
        write::length_field(out, u64::try_from(body.len()).unwrap_or(0));
        manner.end_head(out);
        if !manner.is_head {
            out.extend_from_slice(body.as_bytes());
        }
    }
}

/// What every answer of ours has, whatever it says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Whether the connection goes on.
    pub(crate) keep: bool,
    pub(crate) version: Version,
    /// The request was a HEAD.
    pub(crate) is_head: bool,
    pub(crate) date: [u8; 29],
}

impl Manner {
    /// Writes the fields that end every head, and the empty line.
    pub(crate) fn end_head(self, out: &mut Vec<u8>) {
        // RFC 9110, 6.6.1: "An origin server with a clock MUST generate a Date header field in
        // all 2xx (Successful), 3xx (Redirection), and 4xx (Client Error) responses".
        write::field(out, b"Date", &self.date);
        if !self.keep {
            out.extend_from_slice(b"Connection: close\r\n");
        } else if self.version == Version::Http10 {
            out.extend_from_slice(b"Connection: keep-alive\r\n");
        }
        write::end(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: [u8; 29] = *b"Sun, 06 Nov 1994 08:49:37 GMT";

    fn written(own: &Own, keep: bool, version: Version, is_head: bool) -> String {
        let mut out = Vec::new();
        own.write(&mut out, Manner { keep, version, is_head, date: DATE });
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_answer_of_our_own_is_complete() {
        assert_eq!(
            written(&Own::new(503), true, Version::Http11, false),
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Length: 24\r\n\
             Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n503 Service Unavailable\n"
        );
        assert!(written(&Own::new(404), true, Version::Http11, true).ends_with("\r\n\r\n"));
        assert!(written(&Own::new(400), false, Version::Http11, false).contains("tion: close\r\n"));
        assert!(written(&Own::new(404), true, Version::Http10, false).contains("keep-alive\r\n"));
    }

    #[test]
    fn nothing_follows_the_head_of_a_304() {
        let sent =
            written(&Own::new(304).with("ETag", b"\"x\"".to_vec()), true, Version::Http11, false);
        assert!(sent.ends_with("GMT\r\n\r\n"), "{sent}");
        assert!(!sent.contains("Content-"), "{sent}");
    }
}
