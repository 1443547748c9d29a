//! Writing heads into a buffer.
//!
//! What is written was judged before or is our own: it holds no CR, LF or NUL.

use crate::field::Field;

/// The colon, the space and the line end of a field.
pub(crate) const AROUND: usize = 4;

/// Writes a request line of HTTP/1.1.
pub fn request_line(out: &mut Vec<u8>, method: &str, target: &[u8]) {
    debug_assert!(is_one_line(method.as_bytes()) && is_one_line(target));
    out.extend_from_slice(method.as_bytes());
    out.push(b' ');
    out.extend_from_slice(target);
    out.extend_from_slice(b" HTTP/1.1\r\n");
}

/// Writes a status line of HTTP/1.1.
pub fn status_line(out: &mut Vec<u8>, status: u16, reason: &[u8]) {
    debug_assert!((100..1000).contains(&status) && is_one_line(reason));
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(itoa::Buffer::new().format(status).as_bytes());
    out.push(b' ');
    out.extend_from_slice(reason);
    out.extend_from_slice(b"\r\n");
}

/// Writes one field.
pub fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    debug_assert!(is_one_line(name) && is_one_line(value));
    out.reserve(name.len() + value.len() + AROUND);
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// Writes the fields that pass. `lines` begins with their lines as they came, when each of them is
/// what [`field`] would write: then what stands together is copied together.
pub(crate) fn fields<'b>(
    out: &mut Vec<u8>,
    fields: &[Field<'b>],
    lines: Option<&[u8]>,
    mut passes: impl FnMut(&Field<'b>) -> bool,
) {
    let Some(lines) = lines else {
        for one in fields.iter().filter(|one| passes(one)) {
            field(out, one.name, one.value);
        }
        return;
    };
    let (mut start, mut end) = (0, 0);
    for field in fields {
        let next = end + field.name.len() + field.value.len() + AROUND;
        if !passes(field) {
            out.extend_from_slice(lines.get(start..end).unwrap_or_default());
            start = next;
        }
        end = next;
    }
    out.extend_from_slice(lines.get(start..end).unwrap_or_default());
}

/// Writes `Content-Length`.
pub fn length_field(out: &mut Vec<u8>, length: u64) {
    field(out, b"Content-Length", itoa::Buffer::new().format(length).as_bytes());
}

/// Writes the empty line that ends a head.
pub fn end(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\r\n");
}

/// The usual words for a status; empty for one without.
#[must_use]
pub fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

fn is_one_line(bytes: &[u8]) -> bool {
    !bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_written_line_by_line() {
        let mut out = Vec::new();
        request_line(&mut out, "GET", b"/a?b");
        field(&mut out, b"Host", b"a");
        length_field(&mut out, u64::MAX);
        end(&mut out);
        assert_eq!(
            out,
            b"GET /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551615\r\n\r\n"
        );
        out.clear();
        status_line(&mut out, 404, reason(404).as_bytes());
        end(&mut out);
        assert_eq!(out, b"HTTP/1.1 404 Not Found\r\n\r\n");
        out.clear();
        status_line(&mut out, 299, reason(299).as_bytes());
        assert_eq!(out, b"HTTP/1.1 299 \r\n");
    }
}
