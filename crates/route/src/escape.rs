//! Percent-escapes and the bytes that need none.

/// The byte that the two hexadecimal digits after a `%` stand for.
#[must_use]
pub fn read(high: u8, low: u8) -> Option<u8> {
    Some((digit(high)? << 4) | digit(low)?)
}

/// Writes `byte` as `%XX`, in upper case.
pub fn push(out: &mut Vec<u8>, byte: u8) {
    out.extend([b'%', letter(byte >> 4), letter(byte & 0xF)]);
}

/// Writes every byte of `value` that `may_stand` refuses as an escape, and the others as they are.
pub fn push_all(out: &mut Vec<u8>, value: &[u8], may_stand: impl Fn(u8) -> bool) {
    for &byte in value {
        if may_stand(byte) {
            out.push(byte);
        } else {
            push(out, byte);
        }
    }
}

/// Whether `byte` means the same with and without an escape.
#[must_use]
pub const fn is_unreserved(byte: u8) -> bool {
    // RFC 3986, 2.3: "unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~""
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Whether `byte` may stand in a segment of a path without an escape; `;` begins a parameter.
#[must_use]
pub const fn is_segment_byte(byte: u8) -> bool {
    // RFC 3986, 3.3: "pchar = unreserved / pct-encoded / sub-delims / ":" / "@""
    is_unreserved(byte)
        || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',')
        || matches!(byte, b';' | b'=' | b':' | b'@')
}

/// Whether `byte` is printable ASCII and no space: it cannot break a header field.
#[must_use]
pub const fn is_visible(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

const fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

const fn letter(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_read_back() {
        for byte in 0..=u8::MAX {
            let mut out = Vec::new();
            push(&mut out, byte);
            assert_eq!(out.len(), 3);
            assert_eq!(read(out[1], out[2]), Some(byte), "{byte}");
            assert!(!out.iter().any(u8::is_ascii_lowercase), "{byte}");
        }
    }

    #[test]
    fn only_hexadecimal_digits_are_read() {
        for (high, low) in [(b'g', b'0'), (b'0', b'G'), (b'+', b'1'), (b' ', b'1'), (b'0', b'/')] {
            assert_eq!(read(high, low), None, "{high} {low}");
        }
        assert_eq!(read(b'a', b'F'), Some(0xAF));
    }
}
