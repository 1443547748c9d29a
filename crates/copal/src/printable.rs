//! Text of others as a terminal may show it.

/// The text without characters that would steer a terminal; line ends stay.
#[must_use]
pub fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c };
    text.trim_end().chars().map(shown).collect()
}

/// The first line of it that says something, with `…` when others follow.
#[must_use]
pub fn first_line(text: &str) -> String {
    let text = printable(text);
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() { format!("{first} …") } else { first.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\rc\nd\u{9b}31m\n"), "a\u{fffd}[2Jb\u{fffd}c\nd\u{fffd}31m");
    }

    #[test]
    fn the_first_line_stands_for_all() {
        let table =
            [("", ""), ("\n\n one \n", " one "), ("one\ntwo\n", "one …"), ("one\n\n", "one")];
        for (text, first) in table {
            assert_eq!(first_line(text), first.trim_end(), "{text:?}");
        }
    }
}
