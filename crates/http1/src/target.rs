//! The target of a request, in one of its four forms.

use crate::alphabet;
use crate::authority::is_authority;
use crate::refusal::Refusal;

/// The target of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target<'b> {
    /// Begins with `/`, or is `*`; raw.
    pub(crate) path: &'b [u8],
    pub(crate) query: Option<&'b [u8]>,
    /// Of an absolute target.
    pub(crate) authority: Option<&'b [u8]>,
}

impl<'b> Target<'b> {
    /// Reads the target of a request with this method.
    pub(crate) fn read(method: &str, target: &'b [u8]) -> Result<Self, Refusal> {
        match (method, target) {
            // RFC 9112, 3.2.3: "The "authority-form" of request-target is only used for CONNECT
            // requests"
            ("CONNECT", _) if is_authority(target) => {
                Ok(Self { path: b"/", query: None, authority: Some(target) })
            }
            ("CONNECT", _) => Err(Refusal::Target),
            // RFC 9112, 3.2.4: "The "asterisk-form" of request-target is only used for a
            // server-wide OPTIONS request"
            ("OPTIONS", b"*") => Ok(Self { path: b"*", query: None, authority: None }),
            (_, [b'/', ..]) => Self::origin(target, None),
            _ => Self::absolute(method, target),
        }
    }

    fn origin(target: &'b [u8], authority: Option<&'b [u8]>) -> Result<Self, Refusal> {
        let (path, query) = match memchr::memchr(b'?', target) {
            Some(mark) => {
                let (path, rest) = target.split_at_checked(mark).unwrap_or((target, b""));
                (path, rest.strip_prefix(b"?"))
            }
            None => (target, None),
        };
        let good = alphabet::is_path(path)
            && memchr::memchr_iter(b'%', path).all(|at| is_escape(path, at))
            && query.is_none_or(alphabet::is_query);
        if good { Ok(Self { path, query, authority }) } else { Err(Refusal::Target) }
    }

    fn absolute(method: &str, target: &'b [u8]) -> Result<Self, Refusal> {
        let rest = after_scheme(target).ok_or(Refusal::Target)?;
        let end = memchr::memchr2(b'/', b'?', rest).unwrap_or(rest.len());
        let (authority, after) = rest.split_at_checked(end).ok_or(Refusal::Target)?;
        if !is_authority(authority) {
            return Err(Refusal::Target);
        }
        match after {
            // RFC 9112, 3.2.4: "If a proxy receives an OPTIONS request with an absolute-form of
            // request-target in which the URI has an empty path and no query component, then the
            // last proxy on the request chain MUST send a request-target of "*""
            [] if method == "OPTIONS" => {
                Ok(Self { path: b"*", query: None, authority: Some(authority) })
            }
            [] => Ok(Self { path: b"/", query: None, authority: Some(authority) }),
            [b'?', ..] => {
                let target = Self::origin(after, Some(authority))?;
                Ok(Self { path: b"/", ..target })
            }
            _ => Self::origin(after, Some(authority)),
        }
    }
}

/// What follows `http://` or `https://`.
fn after_scheme(target: &[u8]) -> Option<&[u8]> {
    // RFC 3986, 3.1: "schemes are case-insensitive"
    [&b"http://"[..], b"https://"].into_iter().find_map(|scheme| {
        let (front, rest) = target.split_at_checked(scheme.len())?;
        front.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

/// Whether a `%` is followed by the two digits of a byte other than NUL.
fn is_escape(path: &[u8], at: usize) -> bool {
    match path.get(at..at + 3) {
        Some([_, b'0', b'0']) => false,
        Some([_, high, low]) => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Parts<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

    /// Method, target, what is read: path, query, authority.
    const TABLE: &[(&str, &str, Option<Parts<'_>>)] = &[
        ("GET", "/", Some(("/", None, None))),
        ("GET", "/a?", Some(("/a", Some(""), None))),
        ("GET", "/a?b?c", Some(("/a", Some("b?c"), None))),
        ("GET", "//x/y", Some(("//x/y", None, None))),
        ("GET", "/a\\b", Some(("/a\\b", None, None))),
        ("GET", "/a;jsessionid=abc/b", Some(("/a;jsessionid=abc/b", None, None))),
        ("GET", "/%41%e9", Some(("/%41%e9", None, None))),
        ("GET", "/a[1]|b", Some(("/a[1]|b", None, None))),
        ("GET", "/?{}|[]^`\\'%zz%", Some(("/", Some("{}|[]^`\\'%zz%"), None))),
        ("GET", "http://x", Some(("/", None, Some("x")))),
        ("GET", "http://x?a", Some(("/", Some("a"), Some("x")))),
        ("GET", "HTTPS://x:1/a?b", Some(("/a", Some("b"), Some("x:1")))),
        ("OPTIONS", "*", Some(("*", None, None))),
        ("OPTIONS", "http://x", Some(("*", None, Some("x")))),
        ("OPTIONS", "http://x?a", Some(("/", Some("a"), Some("x")))),
        ("OPTIONS", "/", Some(("/", None, None))),
        ("CONNECT", "a:443", Some(("/", None, Some("a:443")))),
        ("CONNECT", "/", None),
        ("GET", "", None),
        ("GET", "*", None),
        ("GET", "foo", None),
        ("GET", "@evil/", None),
        ("GET", "?a", None),
        ("GET", "a:443", None),
        ("GET", "ftp://x/", None),
        ("GET", "http:/x", None),
        ("GET", "http://", None),
        ("GET", "http:///a", None),
        ("GET", "http://u@x/", None),
        ("GET", "http://x:0/", None),
        ("GET", "http://x#a", None),
        ("GET", "http://x\\@y/", None),
        ("OPTIONS", "*?a", None),
        ("GET", "/a#b", None),
        ("GET", "/?a#b", None),
        ("GET", "/a\"{}", None),
        ("GET", "/{", None),
        ("GET", "/<", None),
        ("GET", "/>", None),
        ("GET", "/^", None),
        ("GET", "/`", None),
        ("GET", "/?\"", None),
        ("GET", "/?<", None),
        ("GET", "/?>", None),
        ("GET", "/?\u{e9}", None),
        ("GET", "/\u{e9}", None),
        ("GET", "/\0", None),
        ("GET", "/\x7f", None),
        ("GET", "/a\tb", None),
        ("GET", "/%00", None),
        ("GET", "/%zz", None),
        ("GET", "/%", None),
        ("GET", "/%4", None),
        ("GET", "/%4?1", None),
    ];

    #[test]
    fn every_form_has_its_methods() {
        for (method, target, parts) in TABLE {
            let read = Target::read(method, target.as_bytes()).ok();
            let expected = parts.map(|(path, query, authority)| Target {
                path: path.as_bytes(),
                query: query.map(str::as_bytes),
                authority: authority.map(str::as_bytes),
            });
            assert_eq!(read, expected, "{method} {target:?}");
        }
    }
}
