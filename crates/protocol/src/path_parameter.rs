//! The session id as a parameter of a path.
//!
//! Only the literal parameter counts: the configured name in exactly its case, in any segment. It
//! is not looked for in a query, and a percent-encoded `;` does not begin one. `prefix` is
//! everything in front of the id, `;jsessionid=` unless configured otherwise; it begins with the
//! only `;` in it and ends with `=`.

use std::borrow::Cow;

/// Where the session parameter stands in a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathParameter {
    /// The position of its `;`.
    pub start: usize,
    /// The position behind its last byte.
    pub end: usize,
}

impl PathParameter {
    /// The id, out of the path and with the prefix with which the parameter was found. May be
    /// empty, and may be anything but `;` and `/`.
    #[must_use]
    pub fn value<'p>(&self, path: &'p [u8], prefix: &str) -> &'p [u8] {
        path.get(self.start.saturating_add(prefix.len())..self.end).unwrap_or_default()
    }
}

/// Finds the session parameter in a raw path without query; of several, the first.
#[must_use]
pub fn find(path: &[u8], prefix: &str) -> Option<PathParameter> {
    let mut from = 0;
    loop {
        let rest = path.get(from..)?;
        let start = from + rest.iter().position(|&byte| byte == b';')?;
        let parameter = path.get(start..)?;
        if let Some(value) = parameter.strip_prefix(prefix.as_bytes()) {
            let length = value.iter().position(|&byte| matches!(byte, b';' | b'/'));
            let value_end = length.unwrap_or(value.len());
            return Some(PathParameter { start, end: start + prefix.len() + value_end });
        }
        from = start + 1;
    }
}

/// The path without any session parameter; its other parameters stay.
#[must_use]
pub fn remove_all<'p>(path: &'p [u8], prefix: &str) -> Cow<'p, [u8]> {
    let Some(first) = find(path, prefix) else {
        return Cow::Borrowed(path);
    };
    let mut kept = Vec::with_capacity(path.len());
    let mut rest = path;
    let mut next = Some(first);
    while let Some(parameter) = next {
        kept.extend_from_slice(rest.get(..parameter.start).unwrap_or_default());
        rest = rest.get(parameter.end..).unwrap_or_default();
        next = find(rest, prefix);
    }
    kept.extend_from_slice(rest);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PREFIX: &str = ";jsessionid=";

    #[test]
    fn only_the_literal_parameter_counts_and_the_first_wins() {
        #[rustfmt::skip]
        let table: &[(&str, Option<&str>, &str)] = &[
            // path                                 id            path without it
            ("/admin;jsessionid=abc",               Some("abc"),  "/admin"),
            ("/p;jsessionid=abc/q",                 Some("abc"),  "/p/q"),
            ("/p;jsessionid=abc;v=1/q;w=2",         Some("abc"),  "/p;v=1/q;w=2"),
            ("/p;v=1;jsessionid=abc",               Some("abc"),  "/p;v=1"),
            ("/;jsessionid=abc",                    Some("abc"),  "/"),
            ("/a;jsessionid=abc;jsessionid=bcd",    Some("abc"),  "/a"),
            ("/a;jsessionid=abc/b;jsessionid=bcd",  Some("abc"),  "/a/b"),
            ("/a;jsessionid=",                      Some(""),     "/a"),
            ("/a;jsessionid=;jsessionid=bcd",       Some(""),     "/a"),
            ("/a;jsessionid==abc",                  Some("=abc"), "/a"),
            ("/a;jsessionid=a%3Bb",                 Some("a%3Bb"), "/a"),
            ("/a;;jsessionid=abc",                  Some("abc"),  "/a;"),
            ("/a;x;jsessionid=abc",                 Some("abc"),  "/a;x"),
            ("/a;jsessionid=abc.png",               Some("abc.png"), "/a"),
            // not the parameter
            ("/a",                                  None,         "/a"),
            ("",                                    None,         ""),
            ("/a;jsessionid",                       None,         "/a;jsessionid"),
            ("/a;jsessionid/b=c",                   None,         "/a;jsessionid/b=c"),
            ("/a;jsessionidx=abc",                  None,         "/a;jsessionidx=abc"),
            ("/a;xjsessionid=abc",                  None,         "/a;xjsessionid=abc"),
            ("/a;JSESSIONID=abc",                   None,         "/a;JSESSIONID=abc"),
            ("/a%3Bjsessionid=abc",                 None,         "/a%3Bjsessionid=abc"),
            ("/a;j%73essionid=abc",                 None,         "/a;j%73essionid=abc"),
            ("/a;jsessionid%3Dabc",                 None,         "/a;jsessionid%3Dabc"),
            ("/jsessionid=abc",                     None,         "/jsessionid=abc"),
            // a name that begins alike does not hide the real one
            ("/a;jsessionidx=1;jsessionid=abc",     Some("abc"),  "/a;jsessionidx=1"),
            ("/a;jsess;jsessionid=abcionid=bcd",    Some("abcionid=bcd"), "/a;jsess"),
        ];
        for &(path, id, without) in table {
            let path = path.as_bytes();
            let found = find(path, PREFIX).map(|parameter| parameter.value(path, PREFIX));
            assert_eq!(found, id.map(str::as_bytes), "{}", path.escape_ascii());
            assert_eq!(&*remove_all(path, PREFIX), without.as_bytes(), "{}", path.escape_ascii());
        }
    }

    #[test]
    fn a_path_without_it_is_not_copied() {
        assert!(matches!(remove_all(b"/a;v=1/b", PREFIX), Cow::Borrowed(_)));
    }

    #[test]
    fn the_name_can_be_configured() {
        let path = b"/a;jsessionid=abc;sid=bcd";
        let found = find(path, ";sid=").unwrap();
        assert_eq!(found.value(path, ";sid="), b"bcd");
        assert_eq!(&*remove_all(path, ";sid="), b"/a;jsessionid=abc");
    }

    proptest! {
        #[test]
        fn removing_leaves_none_and_touches_nothing_else(
            path in "(/|;|;jsessionid|;jsessionid=|jsessionid=|=|a|%3B|abc){0,12}",
        ) {
            let path = path.as_bytes();
            let without = remove_all(path, PREFIX);
            prop_assert_eq!(find(&without, PREFIX), None);
            let slashes = |bytes: &[u8]| bytes.iter().filter(|&&byte| byte == b'/').count();
            prop_assert_eq!(slashes(&without), slashes(path));
            let Some(found) = find(path, PREFIX) else {
                prop_assert_eq!(&*without, path);
                return Ok(());
            };
            let mut rebuilt = PREFIX.as_bytes().to_vec();
            rebuilt.extend_from_slice(found.value(path, PREFIX));
            prop_assert_eq!(&path[found.start..found.end], &rebuilt[..]);
            prop_assert_eq!(find(&path[..found.start], PREFIX), None);
        }
    }
}
