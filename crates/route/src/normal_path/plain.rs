//! The scan that finds out that nothing in a path has to change.

use crate::escape;

/// What a byte means for the scan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Stands as it is wherever it stands.
    Ordinary,
    Slash,
    Dot,
    Semicolon,
    /// An escape, or a byte that needs one.
    Odd,
}

const CLASSES: [Class; 256] = classes();

#[expect(clippy::cast_possible_truncation, reason = "a position in a table of 256 entries")]
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn classes() -> [Class; 256] {
    let mut classes = [Class::Odd; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            b'/' => Class::Slash,
            b'.' => Class::Dot,
            b';' => Class::Semicolon,
            other if escape::is_segment_byte(other) => Class::Ordinary,
            _ => Class::Odd,
        };
        byte += 1;
    }
    classes
}

/// How many bytes at the beginning of `path` are its text, when `path` is in normal form and its
/// text is a beginning of it; `None` when it is not, or when that takes more than a scan to say.
pub(super) fn text_length(path: &[u8], merge_slashes: bool) -> Option<usize> {
    if path.first() != Some(&b'/') {
        return None;
    }
    let mut text = None;
    let mut before = 0;
    for (at, &byte) in path.iter().enumerate() {
        match CLASSES.get(usize::from(byte)).copied().unwrap_or(Class::Odd) {
            Class::Ordinary => {}
            Class::Odd => return None,
            // A slash after a parameter: the text is not a beginning of the path.
            Class::Slash if text.is_some() => return None,
            Class::Slash if merge_slashes && before == b'/' => return None,
            Class::Dot if before == b'/' && is_dot_segment(path.get(at..)?) => return None,
            Class::Slash | Class::Dot => {}
            Class::Semicolon => text = text.or(Some(at)),
        }
        before = byte;
    }
    Some(text.unwrap_or(path.len()))
}

fn is_dot_segment(tail: &[u8]) -> bool {
    matches!(tail, [b'.'] | [b'.', b'.'] | [b'.', b'/' | b';', ..] | [b'.', b'.', b'/' | b';', ..])
}
