//! Writing a body in chunks.

use std::io::Write as _;

/// The chunk that ends a body, without trailers.
pub const LAST: &[u8] = b"0\r\n\r\n";

/// What follows the data of a chunk.
pub const END: &[u8] = b"\r\n";

/// Writes what precedes `length` bytes of data. A chunk of no data would end the body: nothing
/// is written then, and the caller must write no [`END`] either.
pub fn size_line(out: &mut Vec<u8>, length: usize) {
    debug_assert!(length > 0, "an empty chunk ends the body");
    if length > 0 {
        // Writing to a Vec cannot fail.
        let _ = write!(out, "{length:x}\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_hexadecimal() {
        let mut out = Vec::new();
        size_line(&mut out, 65_535);
        assert_eq!(out, b"ffff\r\n");
    }
}
