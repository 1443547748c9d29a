//! The fields of a form, as browsers send them.

/// What a `+` stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plus {
    /// For itself, as in paths.
    IsItself,
    /// For a space, as in forms.
    IsSpace,
}

/// The text that is meant; `None` when it is not UTF-8. A `%` without two digits stands for
/// itself.
pub(crate) fn decode(text: &[u8], plus: Plus) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if digit(*high).is_some() && digit(*low).is_some() => {
                let value = digit(*high).unwrap_or_default() << 4 | digit(*low).unwrap_or_default();
                bytes.push(value);
                rest = after;
            }
            (b'+', _) if plus == Plus::IsSpace => bytes.push(b' '),
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}

/// The value of the first field of this name in a form.
pub(crate) fn field(form: &[u8], name: &str) -> Option<String> {
    let fields = form.split(|&byte| byte == b'&').map(|pair| {
        let mut halves = pair.splitn(2, |&byte| byte == b'=');
        (halves.next().unwrap_or_default(), halves.next().unwrap_or_default())
    });
    let is_it = |key: &[u8]| decode(key, Plus::IsSpace).is_some_and(|key| key == name);
    let mut values = fields.filter(|(key, _)| is_it(key)).map(|(_, value)| value);
    decode(values.next()?, Plus::IsSpace)
}

fn digit(character: u8) -> Option<u8> {
    let value = char::from(character).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_as_browsers_encode_it() {
        #[rustfmt::skip]
        let table = [
            ("",            Plus::IsSpace,  Some("")),
            ("a+b",         Plus::IsSpace,  Some("a b")),
            ("a+b",         Plus::IsItself, Some("a+b")),
            ("a%2Bb",       Plus::IsSpace,  Some("a+b")),
            ("%C3%A9",      Plus::IsSpace,  Some("é")),
            ("%c3%a9",      Plus::IsSpace,  Some("é")),
            ("100%",        Plus::IsSpace,  Some("100%")),
            ("%zz",         Plus::IsSpace,  Some("%zz")),
            ("%C3",         Plus::IsSpace,  None),
        ];
        for (text, plus, decoded) in table {
            assert_eq!(decode(text.as_bytes(), plus).as_deref(), decoded, "{text}");
        }
    }

    #[test]
    fn the_first_field_of_a_name_counts() {
        let form = b"name=colour&value=light+blue&name=other&empty=&bare";
        assert_eq!(field(form, "name").as_deref(), Some("colour"));
        assert_eq!(field(form, "value").as_deref(), Some("light blue"));
        assert_eq!(field(form, "empty").as_deref(), Some(""));
        assert_eq!(field(form, "bare").as_deref(), Some(""));
        assert_eq!(field(form, "missing"), None);
    }
}
