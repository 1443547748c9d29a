//! Paths and their normal form.

use proptest::prelude::*;

use super::*;

const STRICT: (bool, bool) = (false, true);
const SLASHES: (bool, bool) = (true, true);
const UNMERGED: (bool, bool) = (false, false);
const LOOSE: (bool, bool) = (true, false);

fn policy((allow_encoded_slash, merge_slashes): (bool, bool)) -> PathPolicy {
    let session_prefix = ";jsessionid=".to_owned();
    PathPolicy { allow_encoded_slash, merge_slashes, session_prefix }
}

fn show(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

#[test]
fn paths_have_one_normal_form() {
    #[rustfmt::skip]
    let cases = [
        // policy    path                     forward                 text
        (STRICT,     "",                      "/",                    "/"),
        (STRICT,     "/",                     "/",                    "/"),
        (STRICT,     "/a/b.txt",              "/a/b.txt",             "/a/b.txt"),
        (STRICT,     "/a/",                   "/a/",                  "/a/"),
        (STRICT,     "/a/../b",               "/b",                   "/b"),
        (STRICT,     "/a/%2e%2e/b",           "/b",                   "/b"),
        (STRICT,     "/a/.%2E/b",             "/b",                   "/b"),
        (STRICT,     "/./x",                  "/x",                   "/x"),
        (STRICT,     "/%2e/x",                "/x",                   "/x"),
        (STRICT,     "/a/..",                 "/",                    "/"),
        (STRICT,     "/a/b/..",               "/a/",                  "/a/"),
        (STRICT,     "/a/.",                  "/a/",                  "/a/"),
        (STRICT,     "/a/./",                 "/a/",                  "/a/"),
        (STRICT,     "/a/b/../../c",          "/c",                   "/c"),
        (STRICT,     "/.well-known/x",        "/.well-known/x",       "/.well-known/x"),
        (STRICT,     "/...",                  "/...",                 "/..."),
        (STRICT,     "/a/..b/.c",             "/a/..b/.c",            "/a/..b/.c"),
        (STRICT,     "//x//y//",              "/x/y/",                "/x/y/"),
        (STRICT,     "/a//../b",              "/b",                   "/b"),
        (UNMERGED,   "//x//y//",              "//x//y//",             "//x//y//"),
        (UNMERGED,   "/a//../b",              "/a/b",                 "/a/b"),
        (UNMERGED,   "/a/..//b",              "//b",                  "//b"),
        (STRICT,     "/%41%7e%2D%5f",         "/A~-_",                "/A~-_"),
        (STRICT,     "/caf%c3%a9",            "/caf%C3%A9",           "/caf\u{e9}"),
        (STRICT,     "/caf\u{e9}",            "/caf%C3%A9",           "/caf\u{e9}"),
        (STRICT,     "/a%20b%3fc%23d%25e",    "/a%20b%3Fc%23d%25e",   "/a b?c#d%e"),
        (STRICT,     "/a%21!",                "/a%21!",               "/a!!"),
        (STRICT,     "/a\"{}|^`<>[]",         "/a%22%7B%7D%7C%5E%60%3C%3E%5B%5D", "/a\"{}|^`<>[]"),
        (STRICT,     "/%252e%252e/%252f",     "/%252e%252e/%252f",    "/%2e%2e/%2f"),
        (STRICT,     "/account;x=.png",       "/account;x=.png",      "/account"),
        (STRICT,     "/a;b=c/d;e",            "/a;b=c/d;e",           "/a/d"),
        (STRICT,     "/a;x/../b",             "/b",                   "/b"),
        (STRICT,     "/;x=y",                 "/;x=y",                "/"),
        (STRICT,     "/a//;x=y",              "/a/;x=y",              "/a/"),
        (STRICT,     "/a;x=%2e%41%3b",        "/a;x=.A%3B",           "/a"),
        (STRICT,     "/a%3Bb/c%3bd",          "/a%3Bb/c%3Bd",         "/a;b/c;d"),
        (SLASHES,    "/a%2fb",                "/a%2Fb",               "/a/b"),
        (SLASHES,    "/%2fadmin%2f/x",        "/%2Fadmin%2F/x",       "/admin/x"),
        (LOOSE,      "/%2fadmin",             "/%2Fadmin",            "//admin"),
        (SLASHES,    "/a\\b%5cc",             "/a%5Cb%5Cc",           "/a\\b\\c"),
        (SLASHES,    "/a%2f.b/..c%2f...",     "/a%2F.b/..c%2F...",    "/a/.b/..c/..."),
    ];
    for (flags, path, forward, text) in cases {
        let policy = policy(flags);
        let normal = NormalPath::of(path.as_bytes(), &policy);
        let normal = normal.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(show(normal.forward()), show(forward.as_bytes()), "{path}");
        assert_eq!(show(normal.text()), show(text.as_bytes()), "{path}");
        assert_eq!(normal.session(), None, "{path}");
        assert_eq!(show(&normal.without_session()), show(forward.as_bytes()), "{path}");
    }
}

#[test]
fn bad_paths_are_refused() {
    use BadPath::*;
    #[rustfmt::skip]
    let cases = [
        // policy    path                     why
        (STRICT,     "*",                     NotAbsolute),
        (STRICT,     "foo",                   NotAbsolute),
        (STRICT,     "%2ffoo",                NotAbsolute),
        (STRICT,     "/%",                    Escape),
        (STRICT,     "/%4",                   Escape),
        (STRICT,     "/%zz",                  Escape),
        (STRICT,     "/%+1",                  Escape),
        (STRICT,     "/%4/1",                 Escape),
        (STRICT,     "/a;b=%g0",              Escape),
        (STRICT,     "/%00",                  Control),
        (STRICT,     "/a;x=%00",              Control),
        (STRICT,     "/a\0",                  Control),
        (STRICT,     "/a\r\nb",               Control),
        (STRICT,     "/a\x7f",                Control),
        (STRICT,     "/a#b",                  Fragment),
        (STRICT,     "/..",                   AboveRoot),
        (STRICT,     "/%2e%2e/x",             AboveRoot),
        (STRICT,     "/a/../../b",            AboveRoot),
        (STRICT,     "//../x",                AboveRoot),
        (STRICT,     "/a/..;/b",              HiddenDotSegment),
        (STRICT,     "/a/..;jsessionid=abc/b", HiddenDotSegment),
        (STRICT,     "/a/%2e%2e;x",           HiddenDotSegment),
        (STRICT,     "/a/.;x/b",              HiddenDotSegment),
        (STRICT,     "/a/..%3bx/b",           HiddenDotSegment),
        (STRICT,     "/;/..",                 EmptySegment),
        (STRICT,     "/;x/admin",             EmptySegment),
        (UNMERGED,   "/;x/admin",             EmptySegment),
        (STRICT,     "/a%2fb",                EncodedSlash),
        (STRICT,     "/a%5Cb",                EncodedSlash),
        (STRICT,     "/a\\b",                 EncodedSlash),
        (STRICT,     "/a;x=%2f",              EncodedSlash),
        (SLASHES,    "/a%2f..%2fb",           HiddenDotSegment),
        (SLASHES,    "/a/..%2fb",             HiddenDotSegment),
        (SLASHES,    "/a%2f..",               HiddenDotSegment),
        (SLASHES,    "/a\\..\\b",             HiddenDotSegment),
        (SLASHES,    "/a/.%5cb",              HiddenDotSegment),
        (SLASHES,    "/a;x=%2f../b",          HiddenDotSegment),
        (SLASHES,    "/a%2f%2e%2e;x",         HiddenDotSegment),
        (LOOSE,      "/a/%2e%2e%2fb",         HiddenDotSegment),
    ];
    for (flags, path, why) in cases {
        let refused = NormalPath::of(path.as_bytes(), &policy(flags)).map(|_| ());
        assert_eq!(refused, Err(why), "{path}");
    }
}

#[test]
fn the_first_session_parameter_goes_along_at_its_segment() {
    #[rustfmt::skip]
    let cases = [
        // path                                forward                        text      session        without
        ("/admin;jsessionid=abc",              "/admin;jsessionid=abc",       "/admin", Some("abc"),   "/admin"),
        ("/;jsessionid=abc",                   "/;jsessionid=abc",            "/",      Some("abc"),   "/"),
        ("/p;jsessionid=abc/q",                "/p;jsessionid=abc/q",         "/p/q",   Some("abc"),   "/p/q"),
        ("/p;a=b;jsessionid=abc;c=d/q",        "/p;a=b;jsessionid=abc;c=d/q", "/p/q",   Some("abc"),   "/p;a=b;c=d/q"),
        ("/p;jsessionid=",                     "/p;jsessionid=",              "/p",     Some(""),      "/p"),
        ("/p;jsessionid=abc;jsessionid=bcd",   "/p;jsessionid=abc",           "/p",     Some("abc"),   "/p"),
        ("/p;jsessionid=abc/q;jsessionid=b;x", "/p;jsessionid=abc/q;x",       "/p/q",   Some("abc"),   "/p/q;x"),
        ("/p;jsessionid=;jsessionid=bcd",      "/p;jsessionid=",              "/p",     Some(""),      "/p"),
        ("/p;%6asessionid=%61bc",              "/p;jsessionid=abc",           "/p",     Some("abc"),   "/p"),
        ("/a;jsessionid=abc/../b",             "/b",                          "/b",     None,          "/b"),
        ("/a;jsessionid=abc/../b;jsessionid=c", "/b;jsessionid=c",            "/b",     Some("c"),     "/b"),
        ("/p;JSESSIONID=abc",                  "/p;JSESSIONID=abc",           "/p",     None,          "/p;JSESSIONID=abc"),
        ("/p;jsessionid",                      "/p;jsessionid",               "/p",     None,          "/p;jsessionid"),
        ("/p;jsessionidx=abc",                 "/p;jsessionidx=abc",          "/p",     None,          "/p;jsessionidx=abc"),
        ("/p%3Bjsessionid=abc",                "/p%3Bjsessionid=abc",         "/p;jsessionid=abc", None, "/p%3Bjsessionid=abc"),
        ("/p;jsessionid%3Dabc",                "/p;jsessionid%3Dabc",         "/p",     None,          "/p;jsessionid%3Dabc"),
    ];
    let policy = policy(STRICT);
    for (path, forward, text, session, without) in cases {
        let normal = NormalPath::of(path.as_bytes(), &policy).unwrap();
        assert_eq!(show(normal.forward()), forward, "{path}");
        assert_eq!(show(normal.text()), text, "{path}");
        assert_eq!(normal.session().map(show).as_deref(), session, "{path}");
        assert_eq!(show(&normal.without_session()), without, "{path}");
    }
}

#[test]
fn a_normal_path_is_borrowed() {
    #[rustfmt::skip]
    let cases = [
        // path                             borrowed
        ("/",                               true),
        ("/shop/cart.html",                 true),
        ("/.well-known/acme/...",           true),
        ("/a/b;jsessionid=abcdef",          true),
        ("/a/;jsessionid=abcdef;x=y",       true),
        ("/a!$&'()*+,=:@-._~",              true),
        ("/a//b",                           false),
        ("/a/./b",                          false),
        ("/caf%C3%A9",                      false),
        ("/a;x=y/b",                        false),
        ("/a;jsessionid=a;jsessionid=b",    false),
    ];
    let policy = policy(STRICT);
    for (path, borrowed) in cases {
        let normal = NormalPath::of(path.as_bytes(), &policy).unwrap();
        assert_eq!(matches!(normal.forward, Cow::Borrowed(_)), borrowed, "{path}");
    }
}

/// Paths made of the pieces that matter.
fn paths() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "/",
        "/",
        "/",
        "//",
        ".",
        "..",
        "%2e",
        "%2E",
        "%2f",
        "%5c",
        "\\",
        ";",
        ";x=",
        "=",
        ";jsessionid=",
        "%3b",
        "%3Bjsessionid=",
        "%6a",
        "jsessionid=",
        "a",
        "b",
        "%41",
        "%c3%A9",
        "%0a",
        "%25",
        "%252e",
        "~",
        "{",
        " ",
        "%00",
        "%",
        "#",
        "\u{e9}",
        "abc",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| ["/", &pieces.concat()].concat().into())
}

fn policies() -> impl Strategy<Value = PathPolicy> {
    prop::sample::select(vec![STRICT, SLASHES, UNMERGED, LOOSE]).prop_map(policy)
}

/// No reader finds a dot segment in `text`, whichever slash it believes in.
fn has_dot_segment(text: &[u8]) -> bool {
    text.split(|byte| matches!(byte, b'/' | b'\\')).any(|name| {
        let name = name.split(|byte| *byte == b';').next();
        matches!(name, Some(b"." | b".."))
    })
}

fn is_normal_byte(byte: u8) -> bool {
    matches!(byte, b'/' | b'%') || crate::escape::is_segment_byte(byte)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn normal_form_is_a_fixed_point(path in paths(), policy in policies()) {
        let Ok(once) = NormalPath::of(&path, &policy) else { return Ok(()) };
        let twice = NormalPath::of(once.forward(), &policy).unwrap();
        prop_assert_eq!(show(once.forward()), show(twice.forward()));
        prop_assert_eq!(show(once.text()), show(twice.text()));
        prop_assert_eq!(once.session(), twice.session());
    }

    #[test]
    fn a_scan_and_a_rewrite_agree(path in paths(), policy in policies()) {
        let Some(length) = plain::text_length(&path, policy.merge_slashes) else { return Ok(()) };
        let rewritten = segments::rewrite(&path, &policy);
        prop_assert_eq!(rewritten.as_deref(), Ok(path.as_slice()));
        let text = Text::of(&path, policy.merge_slashes);
        prop_assert_eq!(show(text.bytes(&path)), show(&path[..length]));
    }

    #[test]
    fn nothing_dangerous_survives(path in paths(), policy in policies()) {
        let Ok(normal) = NormalPath::of(&path, &policy) else { return Ok(()) };
        prop_assert!(normal.forward().starts_with(b"/"));
        prop_assert!(normal.text().starts_with(b"/"));
        prop_assert!(normal.forward().iter().all(|byte| is_normal_byte(*byte)));
        prop_assert!(!has_dot_segment(normal.forward()));
        prop_assert!(!has_dot_segment(normal.text()));
        prop_assert!(!normal.text().contains(&0));
        if policy.merge_slashes {
            prop_assert!(!normal.forward().windows(2).any(|two| two == b"//"));
            prop_assert!(!normal.text().windows(2).any(|two| two == b"//"));
        }
    }

    #[test]
    fn without_its_session_a_path_is_normal_and_has_none(path in paths(), policy in policies()) {
        let Ok(normal) = NormalPath::of(&path, &policy) else { return Ok(()) };
        let without = normal.without_session();
        let again = NormalPath::of(&without, &policy).unwrap();
        prop_assert_eq!(show(again.forward()), show(&without));
        prop_assert_eq!(again.session(), None);
        prop_assert_eq!(show(again.text()), show(normal.text()));
    }

    #[test]
    fn any_bytes_are_judged(path in prop::collection::vec(any::<u8>(), 0..64), policy in policies()) {
        if let Ok(normal) = NormalPath::of(&path, &policy) {
            prop_assert!(!has_dot_segment(normal.text()));
            prop_assert!(NormalPath::of(normal.forward(), &policy).is_ok());
        }
    }
}
