//! A number with its unit, without spaces between them.

/// The text without its spaces; `None` when it has none, or when one of them stands between two
/// digits, where nobody knows what was meant.
pub(crate) fn without_spaces(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let digit = |c: char| c.is_ascii_digit();
    let splits_number = parts.windows(2).any(
        |pair| matches!(pair, [first, second] if first.ends_with(digit) && second.starts_with(digit)),
    );
    let joined = parts.concat();
    (!splits_number && joined != text).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_that_can_go() {
        for (text, expected) in [
            ("10MB", None),
            ("", None),
            ("10 MB", Some("10MB")),
            (" 10\u{a0}MB ", Some("10MB")),
            ("1 h 30 m", Some("1h30m")),
            ("1 000", None),
            ("1 000 K", None),
        ] {
            assert_eq!(without_spaces(text).as_deref(), expected, "{text}");
        }
    }
}
