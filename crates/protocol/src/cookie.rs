//! Cookies: finding one among those that a client sends, writing one for it to keep.

use std::fmt::{self, Write as _};
use std::time::Duration;

/// The value of the first cookie of exactly this name, as it stands.
///
/// `fields` are the values of all `Cookie` fields of a request, in their order. A name counts only
/// whole and in its case, quotes are part of a value, and a value may hold `=`.
pub fn find<'h>(fields: impl IntoIterator<Item = &'h [u8]>, name: &str) -> Option<&'h [u8]> {
    find_all(fields, name).next()
}

/// The values of all cookies of exactly this name. More than one is ambiguous: which of them a
/// client names first depends on paths and on age; [`find`] takes the first.
pub fn find_all<'h>(
    fields: impl IntoIterator<Item = &'h [u8]>,
    name: &str,
) -> impl Iterator<Item = &'h [u8]> {
    fields.into_iter().flat_map(|field| field.split(|&byte| byte == b';')).filter_map(move |pair| {
        // RFC 6265, 4.2.1: "cookie-string = cookie-pair *( ";" SP cookie-pair )"; more or less
        // white space than one SP is common.
        let pair = trim(pair);
        pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")
    })
}

/// Without spaces and tabs at both ends.
fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// When a client sends a cookie along with requests that another site caused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SameSite {
    /// Never.
    Strict,
    /// With top-level navigation only.
    #[default]
    Lax,
    /// Always; clients then insist on `Secure`.
    None,
}

impl SameSite {
    /// The word of the attribute.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }
}

/// A cookie for the client to keep; `Display` writes the value of a `Set-Cookie` field.
///
/// Name and value are written as they are: give a token and a session id. In `path` and `domain`
/// everything that would end the attribute or the field is percent-encoded.
#[derive(Debug, Clone, Copy)]
pub struct SetCookie<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value.
    pub value: &'a str,
    /// `Domain`; without it the cookie goes back to this very host only.
    pub domain: Option<&'a str>,
    /// `Path`: it goes back with requests for this path and what lies below it.
    pub path: &'a str,
    /// `Max-Age` in whole seconds; without it the cookie lives as long as the browser runs, and
    /// with zero it is dropped at once.
    pub max_age: Option<Duration>,
    /// `Secure`: never sent in the clear.
    pub secure: bool,
    /// `HttpOnly`: scripts cannot read it.
    pub http_only: bool,
    /// `SameSite`.
    pub same_site: SameSite,
}

impl fmt::Display for SetCookie<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}; Path=", self.name, self.value)?;
        write_attribute(f, self.path)?;
        if let Some(domain) = self.domain {
            f.write_str("; Domain=")?;
            write_attribute(f, domain)?;
        }
        if let Some(age) = self.max_age {
            write!(f, "; Max-Age={}", age.as_secs())?;
            if age.as_secs() == 0 {
                // For clients that know no Max-Age.
                f.write_str("; Expires=Thu, 01 Jan 1970 00:00:00 GMT")?;
            }
        }
        if self.secure {
            f.write_str("; Secure")?;
        }
        if self.http_only {
            f.write_str("; HttpOnly")?;
        }
        write!(f, "; SameSite={}", self.same_site.as_str())
    }
}

/// Writes an attribute's value.
fn write_attribute(f: &mut fmt::Formatter<'_>, value: &str) -> fmt::Result {
    for byte in value.bytes() {
        match byte {
            // RFC 6265, 4.1.1: "path-value = <any CHAR except CTLs or ";">"
            b'!'..=b'~' if byte != b';' => f.write_char(char::from(byte))?,
            _ => write!(f, "%{byte:02X}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_cookie_of_exactly_that_name_is_found() {
        #[rustfmt::skip]
        let table: &[(&[&str], Option<&str>)] = &[
            // fields                                       value
            (&["JSESSIONID=abc"],                           Some("abc")),
            (&["a=1; JSESSIONID=abc; b=2"],                 Some("abc")),
            (&["a=1;JSESSIONID=abc;b=2"],                   Some("abc")),
            (&["a=1;\t JSESSIONID=abc \t;b=2"],             Some("abc")),
            (&["JSESSIONID=abc; JSESSIONID=bcd"],           Some("abc")),
            (&["JSESSIONID=bcd", "JSESSIONID=abc"],         Some("bcd")),
            (&["a=1", "b=2", "JSESSIONID=abc"],             Some("abc")),
            (&["JSESSIONID="],                              Some("")),
            (&["JSESSIONID=; JSESSIONID=abc"],              Some("")),
            (&["JSESSIONID=\"abc\""],                       Some("\"abc\"")),
            (&["JSESSIONID=abc=="],                         Some("abc==")),
            (&["JSESSIONID=a b"],                           Some("a b")),
            (&["JSESSIONID=zzz, JSESSIONID=abc"],           Some("zzz, JSESSIONID=abc")),
            // not that cookie
            (&[],                                           None),
            (&[""],                                         None),
            (&[";;=; ="],                                   None),
            (&["XJSESSIONID=bcd"],                          None),
            (&["JSESSIONIDX=bcd"],                          None),
            (&["a=JSESSIONID=bcd"],                         None),
            (&["jsessionid=bcd"],                           None),
            (&["JSESSIONID"],                               None),
            (&["JSESSIONID =abc"],                          None),
            (&["a=1, JSESSIONID=bcd"],                      None),
            (&["XJSESSIONID=bcd; JSESSIONID=abc"],          Some("abc")),
        ];
        for (fields, expected) in table {
            let found = find(fields.iter().map(|field| field.as_bytes()), "JSESSIONID");
            assert_eq!(found, expected.map(str::as_bytes), "{fields:?}");
        }
    }

    #[test]
    fn a_value_may_be_any_bytes() {
        let fields: [&[u8]; 2] = [b"\xff\x80; ;\x00", b"JSESSIONID=\x80\xff"];
        assert_eq!(find(fields, "JSESSIONID"), Some(&b"\x80\xff"[..]));
    }

    #[test]
    fn all_cookies_of_a_name_are_seen() {
        let fields: [&[u8]; 2] = [b"s=1; t=2; s=3", b"s=4"];
        let all: Vec<_> = find_all(fields, "s").collect();
        assert_eq!(all, [b"1", b"3", b"4"]);
    }

    const PLAIN: SetCookie<'_> = SetCookie {
        name: "JSESSIONID",
        value: "abc",
        domain: None,
        path: "/",
        max_age: None,
        secure: false,
        http_only: false,
        same_site: SameSite::Lax,
    };

    #[test]
    fn set_cookie_is_written() {
        let dropped = "JSESSIONID=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; \
                       SameSite=Lax";
        #[rustfmt::skip]
        let table = [
            (PLAIN, "JSESSIONID=abc; Path=/; SameSite=Lax"),
            (SetCookie { http_only: true, ..PLAIN }, "JSESSIONID=abc; Path=/; HttpOnly; SameSite=Lax"),
            (SetCookie { path: "/shop", domain: Some("example.com"), secure: true, http_only: true, same_site: SameSite::Strict, ..PLAIN },
             "JSESSIONID=abc; Path=/shop; Domain=example.com; Secure; HttpOnly; SameSite=Strict"),
            (SetCookie { max_age: Some(Duration::from_millis(3_600_900)), same_site: SameSite::None, ..PLAIN },
             "JSESSIONID=abc; Path=/; Max-Age=3600; SameSite=None"),
            (SetCookie { value: "", max_age: Some(Duration::ZERO), ..PLAIN }, dropped),
            (SetCookie { path: "/a b;Domain=evil\r\nX: y", ..PLAIN },
             "JSESSIONID=abc; Path=/a%20b%3BDomain=evil%0D%0AX:%20y; SameSite=Lax"),
            (SetCookie { path: "/caf\u{e9}", ..PLAIN }, "JSESSIONID=abc; Path=/caf%C3%A9; SameSite=Lax"),
        ];
        for (cookie, expected) in table {
            assert_eq!(cookie.to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn a_cookie_is_found_among_any_others(
            before in "[A-Za-z0-9=, \"]{0,30}",
            after in "[A-Za-z0-9=, \";]{0,30}",
            value in "[a-zA-Z0-9_-]{0,64}",
        ) {
            prop_assume!(!before.trim().starts_with("sid="));
            let field = format!("{before};sid={value};{after}");
            prop_assert_eq!(find([field.as_bytes()], "sid"), Some(value.as_bytes()));
        }

        #[test]
        fn what_is_set_is_what_comes_back(value in "[a-zA-Z0-9_-]{0,64}") {
            let written = SetCookie { value: &value, ..PLAIN }.to_string();
            prop_assert_eq!(find([written.as_bytes()], "JSESSIONID"), Some(value.as_bytes()));
        }

        #[test]
        fn no_path_breaks_out_of_its_attribute(path in any::<String>()) {
            let written = SetCookie { path: &path, ..PLAIN }.to_string();
            prop_assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            prop_assert_eq!(written.matches(';').count(), 2);
        }
    }
}
