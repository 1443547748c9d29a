//! The reason for which a link ends, as a text for a person.

use crate::limits;

/// The content of a refusal or a goodbye: as much of the reason as there may be.
#[must_use]
pub fn write(reason: &str) -> &[u8] {
    let (kept, _) = reason.split_at(reason.floor_char_boundary(limits::REASON));
    kept.as_bytes()
}

/// The reason that the other side gave. It goes into logs, so nothing in it can begin a line or
/// steer a terminal.
#[must_use]
pub fn read(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_and_is_one_line() {
        assert_eq!(read(write("app-b stops")), "app-b stops");
        let long = "x".repeat(4095) + "\u{e4}";
        assert_eq!(write(&long).len(), 4095);
        assert_eq!(write(&"x".repeat(4097)).len(), 4096);
        assert_eq!(read(b"a\nb\x1b[31m\xff"), "a\u{fffd}b\u{fffd}[31m\u{fffd}");
    }
}
