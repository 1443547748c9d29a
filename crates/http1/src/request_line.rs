//! The first line of a request.

use crate::alphabet;
use crate::field_block::BadFields;
use crate::limits::{self, HeadLimits};
use crate::refusal::Refusal;
use crate::target::Target;
use crate::version::Version;

/// The first line of a request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestLine<'b> {
    pub(crate) method: &'b str,
    pub(crate) target: Target<'b>,
    pub(crate) version: Version,
    /// Bytes, the line end included.
    pub(crate) length: usize,
}

/// ` HTTP/1.1` and the line end.
const AFTER_TARGET: usize = 11;

impl<'b> RequestLine<'b> {
    /// Reads the line at the front of `bytes`, or `None` when it is not complete yet. What is
    /// wrong with it already is refused without waiting for its end.
    pub(crate) fn read(bytes: &'b [u8], limits: &HeadLimits) -> Result<Option<Self>, Refusal> {
        let longest = (limits::METHOD + 1)
            .saturating_add(limits.max_uri)
            .saturating_add(AFTER_TARGET)
            .min(limits.max_head);
        let window = bytes.get(..longest).unwrap_or(bytes);
        let Some(feed) = memchr::memchr(b'\n', window) else {
            // A method that cannot be one is refused at once: these bytes are not HTTP/1.
            let method = window.split(|&byte| byte == b' ').next().unwrap_or(window);
            check_method(method, method.len() == window.len())?;
            return if window.len() == longest { Err(Refusal::TargetTooLong) } else { Ok(None) };
        };
        let line = window.get(..feed).unwrap_or(window);
        let line = line.strip_suffix(b"\r").ok_or(Refusal::Fields(BadFields::LineEnd))?;
        let mut words = line.splitn(3, |&byte| byte == b' ');
        let (method, target, version) = (words.next(), words.next(), words.next());
        let method = check_method(method.unwrap_or(line), false)?;
        let (Some(target), Some(version)) = (target, version) else {
            return Err(Refusal::RequestLine);
        };
        if target.is_empty() {
            return Err(Refusal::RequestLine);
        }
        if target.len() > limits.max_uri {
            return Err(Refusal::TargetTooLong);
        }
        let target = Target::read(method, target)?;
        Ok(Some(Self { method, target, version: read_version(version)?, length: feed + 1 }))
    }
}

/// The method as text; `open` when more of it may follow.
fn check_method(method: &[u8], open: bool) -> Result<&str, Refusal> {
    let length_fits = method.len() <= limits::METHOD && (open || !method.is_empty());
    if !length_fits || !method.iter().all(|&byte| alphabet::is_token_byte(byte)) {
        return Err(Refusal::Method);
    }
    std::str::from_utf8(method).map_err(|_| Refusal::Method)
}

fn read_version(version: &[u8]) -> Result<Version, Refusal> {
    // RFC 9112, 2.3: "HTTP-version = HTTP-name "/" DIGIT "." DIGIT", "HTTP-version is
    // case-sensitive."
    match version {
        b"HTTP/1.1" => Ok(Version::Http11),
        b"HTTP/1.0" => Ok(Version::Http10),
        // There was no such version with a name: its requests had none.
        b"HTTP/0.9" => Err(Refusal::Version),
        [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
            if major.is_ascii_digit() && minor.is_ascii_digit() =>
        {
            Err(Refusal::VersionUnsupported)
        }
        _ => Err(Refusal::Version),
    }
}
