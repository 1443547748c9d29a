//! The decoded text of a path, without its parameters.

use memchr::{memchr, memchr2};

use crate::escape;

/// The decoded text of a path, without its parameters.
#[derive(Debug, Clone)]
pub(super) enum Text {
    /// The first bytes of the encoded path, so many.
    Beginning(usize),
    /// Something else.
    Own(Vec<u8>),
}

impl Text {
    /// The text of `forward`, which is in normal form.
    pub(super) fn of(forward: &[u8], merge_slashes: bool) -> Self {
        let Some(first) = memchr2(b'%', b';', forward) else {
            return Self::Beginning(forward.len());
        };
        let tail = forward.get(first..).unwrap_or_default();
        if tail.first() == Some(&b';') && memchr(b'/', tail).is_none() {
            return Self::Beginning(first);
        }
        Self::Own(decode(forward, merge_slashes))
    }

    /// The bytes; `forward` is what [`Text::of`] was given.
    pub(super) fn bytes<'t>(&'t self, forward: &'t [u8]) -> &'t [u8] {
        match self {
            Self::Beginning(length) => forward.get(..*length).unwrap_or_default(),
            Self::Own(bytes) => bytes,
        }
    }
}

/// Decodes `forward`. An encoded slash that is allowed becomes a slash, and is merged like one:
/// a rule that guards `/admin` guards `/%2Fadmin` too.
fn decode(forward: &[u8], merge_slashes: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(forward.len());
    let mut in_parameters = false;
    let mut bytes = forward.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'/' => in_parameters = false,
            b';' => in_parameters = true,
            _ => {}
        }
        if in_parameters {
            continue;
        }
        let decoded = match byte {
            b'%' => bytes.next().zip(bytes.next()).and_then(|(high, low)| escape::read(high, low)),
            plain => Some(plain),
        };
        let merged = merge_slashes && decoded == Some(b'/') && out.last() == Some(&b'/');
        if !merged {
            out.extend(decoded);
        }
    }
    out
}
