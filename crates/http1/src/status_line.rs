//! The first line of a response.

use crate::alphabet::is_control;
use crate::version::Version;

/// The first line of a response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StatusLine<'b> {
    pub(crate) version: Version,
    pub(crate) status: u16,
    pub(crate) reason: &'b [u8],
    /// Bytes, the line end included.
    pub(crate) length: usize,
}

/// Bytes that are not a status line, or too many of them.
#[derive(Debug)]
pub(crate) enum BadStatusLine {
    Malformed,
    TooLong,
}

const NAME: &[u8] = b"HTTP/1.";

impl<'b> StatusLine<'b> {
    /// Reads the line at the front of `bytes`, or `None` when it is not complete yet.
    pub(crate) fn read(bytes: &'b [u8], max_head: usize) -> Result<Option<Self>, BadStatusLine> {
        let window = bytes.get(..max_head).unwrap_or(bytes);
        let same = window.iter().zip(NAME).all(|(byte, expected)| byte == expected);
        if !same {
            return Err(BadStatusLine::Malformed);
        }
        let Some(feed) = memchr::memchr(b'\n', window) else {
            let too_long = window.len() == max_head;
            return if too_long { Err(BadStatusLine::TooLong) } else { Ok(None) };
        };
        let line = window.get(..feed).and_then(|line| line.strip_suffix(b"\r"));
        let parts =
            line.and_then(|line| line.strip_prefix(NAME)).ok_or(BadStatusLine::Malformed)?;
        // RFC 9112, 4: "status-line = HTTP-version SP status-code SP [ reason-phrase ]"; the last
        // space is often missing when there is no phrase.
        let (minor, code, reason) = match parts {
            [minor, b' ', a, b, c] => (*minor, [*a, *b, *c], &b""[..]),
            [minor, b' ', a, b, c, b' ', reason @ ..] => (*minor, [*a, *b, *c], reason),
            _ => return Err(BadStatusLine::Malformed),
        };
        let version = match minor {
            b'0' => Version::Http10,
            b'1' => Version::Http11,
            _ => return Err(BadStatusLine::Malformed),
        };
        if !code.iter().all(u8::is_ascii_digit) || reason.iter().any(|&byte| is_control(byte)) {
            return Err(BadStatusLine::Malformed);
        }
        let status = code.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        // RFC 9110, 15: "All valid status codes are within the range of 100 to 599, inclusive."
        if !(100..600).contains(&status) {
            return Err(BadStatusLine::Malformed);
        }
        Ok(Some(Self { version, status, reason, length: feed + 1 }))
    }
}
