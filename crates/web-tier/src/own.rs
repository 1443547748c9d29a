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

    /// Writes the answer, with a line of text as its body.
    pub(crate) fn write(
        &self,
        out: &mut Vec<u8>,
        keep_alive: bool,
        version: Version,
        is_head: bool,
    ) {
        let reason = write::reason(self.status);
        write::status_line(out, self.status, reason.as_bytes());
        for (name, value) in &self.fields {
            write::field(out, name.as_bytes(), value);
        }
        let body = match self.status {
            200 => String::new(),
            status => format!("{status} {reason}\n"),
        };
        if !body.is_empty() {
            write::field(out, b"Content-Type", b"text/plain; charset=utf-8");
        }
        write::length_field(out, u64::try_from(body.len()).unwrap_or(0));
        if !keep_alive {
            out.extend_from_slice(b"Connection: close\r\n");
        } else if version == Version::Http10 {
            out.extend_from_slice(b"Connection: keep-alive\r\n");
        }
        write::end(out);
        if !is_head {
            out.extend_from_slice(body.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(own: &Own, keep_alive: bool, version: Version, is_head: bool) -> String {
        let mut out = Vec::new();
        own.write(&mut out, keep_alive, version, is_head);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_answer_of_our_own_is_complete() {
        assert_eq!(
            written(&Own::new(503), true, Version::Http11, false),
            "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Length: 24\r\n\r\n\
             503 Service Unavailable\n"
        );
        assert!(written(&Own::new(404), true, Version::Http11, true).ends_with("\r\n\r\n"));
        assert!(written(&Own::new(400), false, Version::Http11, false).contains("tion: close\r\n"));
        assert!(written(&Own::new(404), true, Version::Http10, false).contains("keep-alive\r\n"));
    }
}
