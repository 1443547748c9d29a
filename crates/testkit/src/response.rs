//! A response, read more strictly than any browser would.

use std::fmt;

/// A response, read more strictly than any browser would.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The minor version: 0 or 1.
    pub minor: u8,
    /// The status code.
    pub status: u16,
    /// The fields in order, names as sent.
    pub fields: Vec<(String, String)>,
    /// The payload, without chunk framing.
    pub body: Vec<u8>,
    /// Whether the end of the connection was the end of the body.
    pub until_close: bool,
    /// The status codes of the interim responses that came before this one.
    pub interim: Vec<u16>,
}

/// How far a parse came.
pub enum Parsed {
    /// A whole response and the number of bytes that it took.
    Whole(Response, usize),
    /// More bytes are needed.
    Partial,
}

impl Response {
    /// The value of the only field `name`, case ignored; `None` when there is none.
    ///
    /// # Panics
    /// When there are several.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        let values = self.values(name);
        assert!(values.len() <= 1, "{name} is there {} times in {self:?}", values.len());
        values.first().copied()
    }

    /// The values of all fields `name`, case ignored.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        let named = self.fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Whether the response says that the connection ends with it.
    #[must_use]
    pub fn says_close(&self) -> bool {
        let tokens = self.values("connection");
        let mut tokens = tokens.iter().flat_map(|value| value.split(','));
        tokens.any(|token| token.trim().eq_ignore_ascii_case("close"))
    }

    /// Reads the response at the front of `bytes`; `ended` says that no more will come.
    ///
    /// # Errors
    /// What is wrong with the bytes.
    pub fn parse(bytes: &[u8], to_head: bool, ended: bool) -> Result<Parsed, String> {
        let Some(head_end) = find(bytes, b"\r\n\r\n") else {
            return Ok(Parsed::Partial);
        };
        let mut response = parse_head(&bytes[..head_end])?;
        let start = head_end + 4;
        let rest = &bytes[start..];
        let taken = match response.framing(to_head)? {
            Framing::Length(length) => {
                if rest.len() < length {
                    return Ok(Parsed::Partial);
                }
                response.body = rest[..length].to_vec();
                length
            }
            Framing::Chunked => match chunked(rest)? {
                Some((body, taken)) => {
                    response.body = body;
                    taken
                }
                None => return Ok(Parsed::Partial),
            },
            Framing::UntilClose => {
                if !ended {
                    return Ok(Parsed::Partial);
                }
                response.until_close = true;
                response.body = rest.to_vec();
                rest.len()
            }
        };
        Ok(Parsed::Whole(response, start + taken))
    }

    fn framing(&self, to_head: bool) -> Result<Framing, String> {
        let lengths = self.values("content-length");
        let codings = self.values("transfer-encoding");
        if lengths.len() + codings.len() > 1 {
            return Err(format!("two framings: {lengths:?} {codings:?}"));
        }
        let mut framing = Framing::UntilClose;
        if let Some(length) = lengths.first() {
            if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(format!("Content-Length is {length:?}"));
            }
            framing = Framing::Length(length.parse().map_err(|_| "length too big".to_owned())?);
        }
        if let Some(coding) = codings.first() {
            if *coding != "chunked" {
                return Err(format!("Transfer-Encoding is {coding:?}"));
            }
            framing = Framing::Chunked;
        }
        if to_head || self.status < 200 || self.status == 204 || self.status == 304 {
            framing = Framing::Length(0);
        }
        Ok(framing)
    }
}

enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

fn parse_head(head: &[u8]) -> Result<Response, String> {
    let text: String = head.iter().map(|byte| char::from(*byte)).collect();
    let mut lines = text.split("\r\n");
    let status_line = lines.next().unwrap_or_default();
    let (minor, status) = parse_status_line(status_line)?;
    let mut fields = Vec::new();
    for line in lines {
        if line.contains(['\r', '\n', '\0']) {
            return Err(format!("a control character in {line:?}"));
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(format!("no colon in {line:?}"));
        };
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(format!("not a field name: {name:?}"));
        }
        fields.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
    }
    let (body, interim) = (Vec::new(), Vec::new());
    Ok(Response { minor, status, fields, body, until_close: false, interim })
}

fn parse_status_line(line: &str) -> Result<(u8, u16), String> {
    let wrong = || format!("not a status line: {line:?}");
    let rest = line.strip_prefix("HTTP/1.").ok_or_else(wrong)?;
    let bytes = rest.as_bytes();
    let [minor @ (b'0' | b'1'), b' ', a, b, c, b' ', reason @ ..] = bytes else {
        return Err(wrong());
    };
    if ![a, b, c].iter().all(|digit| digit.is_ascii_digit()) || reason.contains(&b'\n') {
        return Err(wrong());
    }
    let status = [a, b, c].iter().fold(0, |sum, digit| sum * 10 + u16::from(**digit - b'0'));
    Ok((minor - b'0', status))
}

/// A whole chunked body and the bytes that it took, or `None` when more are needed.
fn chunked(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let Some(line_end) = find(&bytes[at..], b"\r\n") else {
            return Ok(None);
        };
        let line = String::from_utf8_lossy(&bytes[at..at + line_end]).into_owned();
        let size = usize::from_str_radix(&line, 16).map_err(|_| format!("chunk size {line:?}"))?;
        at += line_end + 2;
        if size == 0 {
            break;
        }
        let Some(data) = bytes.get(at..at + size + 2) else {
            return Ok(None);
        };
        if !data.ends_with(b"\r\n") {
            return Err(format!("a chunk of {size} bytes does not end with CRLF"));
        }
        body.extend_from_slice(&data[..size]);
        at += size + 2;
    }
    // Trailers, then an empty line.
    loop {
        let Some(line_end) = find(&bytes[at..], b"\r\n") else {
            return Ok(None);
        };
        at += line_end + 2;
        if line_end == 0 {
            return Ok(Some((body, at)));
        }
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        for (name, value) in &self.fields {
            write!(f, " | {name}: {value}")?;
        }
        let shown: String = self.text().chars().take(300).collect();
        write!(f, " | {} bytes: {shown:?}", self.body.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8], to_head: bool, ended: bool) -> (u16, String, usize) {
        match Response::parse(bytes, to_head, ended) {
            Ok(Parsed::Whole(response, taken)) => (response.status, response.text(), taken),
            Ok(Parsed::Partial) => panic!("partial"),
            Err(why) => panic!("{why}"),
        }
    }

    #[test]
    fn each_framing_is_followed() {
        let length = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP";
        assert_eq!(whole(length, false, false), (200, "ab".to_owned(), 40));
        assert_eq!(whole(length, true, false), (200, String::new(), 38));
        let chunks =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX: y\r\n\r\n";
        assert_eq!(whole(chunks, false, false), (200, "ab".to_owned(), chunks.len()));
        let close = b"HTTP/1.0 200 OK\r\n\r\nab";
        assert_eq!(whole(close, false, true), (200, "ab".to_owned(), close.len()));
        assert!(matches!(Response::parse(close, false, false), Ok(Parsed::Partial)));
    }

    #[test]
    fn what_is_ambiguous_is_an_error() {
        let wrong: [&[u8]; 7] = [
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\nName : x\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nName: x\n y\r\n\r\n",
            b"HTTP/2 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
        ];
        for bytes in wrong {
            assert!(Response::parse(bytes, false, true).is_err(), "{}", bytes.escape_ascii());
        }
    }
}
