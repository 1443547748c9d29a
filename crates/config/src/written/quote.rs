//! A value of the file as it stands in a message.

/// A value in quotes, on one line, cut when it is long.
pub(crate) fn quoted(value: &str) -> String {
    format!("\"{}\"", short(value, char::escape_debug))
}

/// A regexp, whose backslashes stay as they are.
pub(crate) fn regexp(value: &str) -> String {
    let escaped = |c: char| {
        let unprintable = c.is_control().then(|| c.escape_debug());
        unprintable.into_iter().flatten().chain((!c.is_control()).then_some(c))
    };
    format!("'{}'", short(value, escaped))
}

/// Several keys: `a`, `b` or `c`.
pub(crate) fn keys<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    joined(words.into_iter().map(|word| format!("`{word}`")).collect())
}

/// Several values: "a", "b" or "c".
pub(crate) fn values<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    joined(words.into_iter().map(quoted).collect())
}

fn joined(mut words: Vec<String>) -> String {
    let Some(last) = words.pop() else {
        return String::new();
    };
    if words.is_empty() { last } else { format!("{} or {last}", words.join(", ")) }
}

fn short<E: Iterator<Item = char>>(value: &str, escape: impl FnMut(char) -> E) -> String {
    const LONGEST: usize = 60;
    let mut shown: String = value.chars().take(LONGEST).flat_map(escape).collect();
    if value.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_on_one_line_and_short() {
        assert_eq!(quoted("a\"b\n"), "\"a\\\"b\\n\"");
        assert_eq!(quoted(&"x".repeat(60)), format!("\"{}\"", "x".repeat(60)));
        assert_eq!(quoted(&"x".repeat(61)), format!("\"{}…\"", "x".repeat(60)));
    }

    #[test]
    fn regexps_keep_their_backslashes() {
        assert_eq!(regexp("\\.png\"$"), "'\\.png\"$'");
        assert_eq!(regexp("a\nb"), "'a\\nb'");
    }

    #[test]
    fn words_are_joined_with_or() {
        assert_eq!(keys([]), "");
        assert_eq!(keys(["a"]), "`a`");
        assert_eq!(keys(["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(values(["a", "b"]), "\"a\" or \"b\"");
    }
}
