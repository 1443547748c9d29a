//! Session ids in links, for clients without cookies.

use std::fmt::Write as _;

use copal_protocol::path_parameter;
use copal_protocol::session_id::SessionId;

/// The link with the session id in it: before `?`, else before `#`, else at its end. An older id
/// in it is replaced.
///
/// A link that leads elsewhere, or stays on the page, comes back as it is: the id is a secret
/// between this web-app and its client.
pub(crate) fn encode(url: &str, prefix: &str, id: &SessionId) -> String {
    if !is_a_path(url) {
        return url.to_owned();
    }
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (path, rest) = url.split_at_checked(end).unwrap_or((url, ""));
    let bare = path_parameter::remove_all(path.as_bytes(), prefix);
    let mut encoded = String::from_utf8_lossy(&bare).into_owned();
    let _ = write!(encoded, "{prefix}{}{rest}", id.as_str());
    encoded
}

/// Whether a browser takes this link as a path on this very host.
fn is_a_path(url: &str) -> bool {
    // Browsers drop control characters and leading spaces, and take `\` for `/`.
    if url.starts_with(' ') || url.contains(|c: char| c.is_ascii_control()) {
        return false;
    }
    match url.as_bytes() {
        [] | [b'?' | b'#', ..] | [b'/' | b'\\', b'/' | b'\\', ..] => false,
        bytes => {
            // RFC 3986, 4.2: "A path segment that contains a colon character (e.g., "this:that")
            // cannot be used as the first segment of a relative-path reference, as it would be
            // mistaken for a scheme name."
            let first = bytes.iter().find(|byte| matches!(byte, b':' | b'/' | b'?' | b'#'));
            first != Some(&b':')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_stands_where_it_belongs() {
        let id = SessionId::parse(b"abcX8ZwooOzabcSECRETsecret").unwrap();
        #[rustfmt::skip]
        let table = [
            // link                             encoded; ~ is the parameter
            ("/next",                           "/next~"),
            ("/",                               "/~"),
            ("next",                            "next~"),
            ("../next",                         "../next~"),
            ("/next?a=b",                       "/next~?a=b"),
            ("/next#top",                       "/next~#top"),
            ("/next?a=b#top",                   "/next~?a=b#top"),
            ("/next#top?no=query",              "/next~#top?no=query"),
            ("/next;v=1",                       "/next;v=1~"),
            ("/next?a=/b:c",                    "/next~?a=/b:c"),
            ("/at/12:30",                       "/at/12:30~"),
            ("/caf\u{e9}?x",                    "/caf\u{e9}~?x"),
            // an id that is there already
            ("/next;jsessionid=old",            "/next~"),
            ("/a;jsessionid=old/b;v=1?x",       "/a/b;v=1~?x"),
            // links that stay on the page
            ("",                                ""),
            ("?a=b",                            "?a=b"),
            ("#top",                            "#top"),
            // links that lead elsewhere
            ("https://example.com/next",        "https://example.com/next"),
            ("//example.com/next",              "//example.com/next"),
            ("/\\example.com/next",             "/\\example.com/next"),
            ("\\\\example.com/next",            "\\\\example.com/next"),
            (" //example.com",                  " //example.com"),
            ("\t//example.com",                 "\t//example.com"),
            ("/\t/example.com",                 "/\t/example.com"),
            ("mailto:ann@example.com",          "mailto:ann@example.com"),
            ("javascript:alert(1)",             "javascript:alert(1)"),
        ];
        for (url, expected) in table {
            let expected = expected.replace('~', ";jsessionid=abcX8ZwooOzabcSECRETsecret");
            assert_eq!(encode(url, ";jsessionid=", &id), expected, "{url:?}");
        }
    }
}
