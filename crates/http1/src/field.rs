//! One field of a head.

use crate::alphabet;
use crate::field_block::BadFields;

/// The fields of a head, in the order in which they came. On the heap: a head is handed on by
/// value, and a list within it would be copied each time.
pub type Fields<'b> = Vec<Field<'b>>;

/// One field, borrowed from the buffer of its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'b> {
    /// The name as it was written: a token.
    pub name: &'b [u8],
    /// The value without white space at its ends; may hold bytes above 0x7F.
    pub value: &'b [u8],
    /// Which field it is, so that nobody compares names twice.
    pub kind: FieldKind,
}

impl<'b> Field<'b> {
    /// Reads a line, of which the end was taken off, and which holds no control characters. The
    /// flag says whether it is what [`write::field`](crate::write::field) would write.
    pub(crate) fn read(line: &'b [u8]) -> Result<(Self, bool), BadFields> {
        // RFC 9112, 5.1: "No whitespace is allowed between the field name and colon. [...] A
        // server MUST reject, with a response status code of 400 (Bad Request), any received
        // request message that contains whitespace between a header field name and colon."
        match alphabet::split_token(line) {
            Some((name @ [_, ..], [b':', value @ ..], has_underscore)) => {
                let (value, after_space) = (alphabet::trim(value), value.strip_prefix(b" "));
                let plain = after_space.is_some_and(|all| all.len() == value.len());
                let kind = FieldKind::of_token(name, has_underscore);
                Ok((Self { name, value, kind }, plain))
            }
            _ => Err(BadFields::Name),
        }
    }
}

/// Which field it is, as far as a proxy has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// Any other field: it is passed on.
    Other,
    /// `Host`
    Host,
    /// `Content-Length`
    ContentLength,
    /// `Transfer-Encoding`
    TransferEncoding,
    /// `Connection`
    Connection,
    /// `Keep-Alive`
    KeepAlive,
    /// `Proxy-Connection`
    ProxyConnection,
    /// `TE`
    Te,
    /// `Trailer`
    Trailer,
    /// `Upgrade`
    Upgrade,
    /// `HTTP2-Settings`
    Http2Settings,
    /// `Expect`
    Expect,
    /// `Cookie`
    Cookie,
    /// `Authorization`
    Authorization,
    /// `Forwarded`
    Forwarded,
    /// `X-Forwarded-For`
    XForwardedFor,
    /// `X-Forwarded-Proto`
    XForwardedProto,
    /// `X-Forwarded-Host`
    XForwardedHost,
    /// `X-Forwarded-Port`
    XForwardedPort,
    /// `X-Request-Id`
    XRequestId,
    /// `traceparent`
    Traceparent,
    /// `Via`
    Via,
    /// A name that begins with `Copal-`: spoken between the tiers only.
    Copal,
    /// A name with `_`: many servers read it like one with `-`.
    Underscore,
    /// `Date`
    Date,
    /// `Server`
    Server,
    /// `Set-Cookie`
    SetCookie,
    /// `Location`
    Location,
    /// Named in `Connection`, and nothing that must not be named away: for this hop only.
    Nominated,
}

impl FieldKind {
    /// The kind of the field of this name, in whatever case; never [`FieldKind::Nominated`].
    #[must_use]
    pub fn of(name: &[u8]) -> Self {
        let has_underscore = name.contains(&b'_');
        if alphabet::is_token(name) {
            Self::of_token(name, has_underscore)
        } else {
            Self::of_unlisted(name, has_underscore)
        }
    }

    fn of_token(name: &[u8], has_underscore: bool) -> Self {
        let known = match name.len() {
            2 => Self::among(name, [(b"te", Self::Te)]),
            3 => Self::among(name, [(b"via", Self::Via)]),
            4 => Self::among(name, [(b"host", Self::Host), (b"date", Self::Date)]),
            6 => Self::among(
                name,
                [(b"cookie", Self::Cookie), (b"server", Self::Server), (b"expect", Self::Expect)],
            ),
            7 => Self::among(name, [(b"upgrade", Self::Upgrade), (b"trailer", Self::Trailer)]),
            8 => Self::among(name, [(b"location", Self::Location)]),
            9 => Self::among(name, [(b"forwarded", Self::Forwarded)]),
            10 => Self::among(
                name,
                [
                    (b"connection", Self::Connection),
                    (b"set-cookie", Self::SetCookie),
                    (b"keep-alive", Self::KeepAlive),
                ],
            ),
            11 => Self::among(name, [(b"traceparent", Self::Traceparent)]),
            12 => Self::among(name, [(b"x-request-id", Self::XRequestId)]),
            13 => Self::among(name, [(b"authorization", Self::Authorization)]),
            14 => Self::among(
                name,
                [
                    (b"content-length", Self::ContentLength),
                    (b"http2-settings", Self::Http2Settings),
                ],
            ),
            15 => Self::among(name, [(b"x-forwarded-for", Self::XForwardedFor)]),
            16 => Self::among(
                name,
                [
                    (b"proxy-connection", Self::ProxyConnection),
                    (b"x-forwarded-host", Self::XForwardedHost),
                    (b"x-forwarded-port", Self::XForwardedPort),
                ],
            ),
            17 => Self::among(
                name,
                [
                    (b"transfer-encoding", Self::TransferEncoding),
                    (b"x-forwarded-proto", Self::XForwardedProto),
                ],
            ),
            _ => None,
        };
        known.unwrap_or_else(|| Self::of_unlisted(name, has_underscore))
    }

    /// The kind of a token of `N` bytes that is in this list of names in small letters.
    fn among<const N: usize, const M: usize>(
        token: &[u8],
        listed: [(&[u8; N], Self); M],
    ) -> Option<Self> {
        let ends = Ends::of(token);
        let mut found = listed.iter().filter(|(known, _)| Ends::of(*known) == ends);
        // The two ends are the whole name, unless it is longer than both.
        let same = |known: &[u8; N]| N <= Ends::COVER || token.eq_ignore_ascii_case(known);
        found.find(|(known, _)| same(known)).map(|(_, kind)| *kind)
    }

    fn of_unlisted(name: &[u8], has_underscore: bool) -> Self {
        if name.split_at_checked(6).is_some_and(|(front, _)| front.eq_ignore_ascii_case(b"copal-"))
        {
            return Self::Copal;
        }
        if has_underscore { Self::Underscore } else { Self::Other }
    }

    /// Whether `Connection` may name it away. It may not do so with what decides where a message
    /// goes, where it ends, whose it is, and what we say about its way here.
    #[must_use]
    pub fn may_be_nominated(self) -> bool {
        matches!(self, Self::Other | Self::Date | Self::Server | Self::Location)
    }
}

/// The first and the last eight bytes of a token in small letters, which overlap in one that is
/// shorter than both: two words, which are compared in one step each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends(u64, u64);

impl Ends {
    /// How long a token may be to be known from its ends.
    const COVER: usize = 16;

    fn of(token: &[u8]) -> Self {
        // What makes a capital letter small changes no other byte of a token into one that is in
        // our names: only control characters would become digits or hyphens.
        const SMALL: u64 = 0x2020_2020_2020_2020;
        let (first, last) = if let (Some(a), Some(b)) = (token.first_chunk(), token.last_chunk()) {
            (u64::from_le_bytes(*a), u64::from_le_bytes(*b))
        } else if let (Some(a), Some(b)) = (token.first_chunk(), token.last_chunk()) {
            (u32::from_le_bytes(*a).into(), u32::from_le_bytes(*b).into())
        } else if let (Some(a), Some(b)) = (token.first_chunk(), token.last_chunk()) {
            (u16::from_le_bytes(*a).into(), u16::from_le_bytes(*b).into())
        } else {
            (0, 0)
        };
        Self(first | SMALL, last | SMALL)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_in_any_case() {
        let table: &[(&str, FieldKind)] = &[
            ("TE", FieldKind::Te),
            ("via", FieldKind::Via),
            ("hOsT", FieldKind::Host),
            ("DATE", FieldKind::Date),
            ("Cookie", FieldKind::Cookie),
            ("Server", FieldKind::Server),
            ("Expect", FieldKind::Expect),
            ("Upgrade", FieldKind::Upgrade),
            ("Trailer", FieldKind::Trailer),
            ("Location", FieldKind::Location),
            ("Forwarded", FieldKind::Forwarded),
            ("Connection", FieldKind::Connection),
            ("Keep-Alive", FieldKind::KeepAlive),
            ("Set-Cookie", FieldKind::SetCookie),
            ("traceparent", FieldKind::Traceparent),
            ("X-Request-ID", FieldKind::XRequestId),
            ("Authorization", FieldKind::Authorization),
            ("CONTENT-LENGTH", FieldKind::ContentLength),
            ("HTTP2-Settings", FieldKind::Http2Settings),
            ("X-Forwarded-For", FieldKind::XForwardedFor),
            ("Proxy-Connection", FieldKind::ProxyConnection),
            ("X-Forwarded-Host", FieldKind::XForwardedHost),
            ("X-Forwarded-Port", FieldKind::XForwardedPort),
            ("X-Forwarded-Proto", FieldKind::XForwardedProto),
            ("Transfer-Encoding", FieldKind::TransferEncoding),
            ("Copal-Not-Begun", FieldKind::Copal),
            ("copal-", FieldKind::Copal),
            ("copal_x", FieldKind::Underscore),
            ("Content_Length", FieldKind::Underscore),
            ("_", FieldKind::Underscore),
            ("copal", FieldKind::Other),
            ("X-Forwarded-Foo", FieldKind::Other),
            ("Host2", FieldKind::Other),
            ("", FieldKind::Other),
        ];
        for (name, kind) in table {
            assert_eq!(FieldKind::of(name.as_bytes()), *kind, "{name}");
        }
    }

    #[test]
    fn a_name_that_differs_in_one_byte_is_another_name() {
        let names: &[&[u8]] = &[
            b"te",
            b"via",
            b"host",
            b"date",
            b"cookie",
            b"server",
            b"expect",
            b"upgrade",
            b"trailer",
            b"location",
            b"forwarded",
            b"connection",
            b"set-cookie",
            b"keep-alive",
            b"traceparent",
            b"x-request-id",
            b"authorization",
            b"content-length",
            b"http2-settings",
            b"x-forwarded-for",
            b"proxy-connection",
            b"x-forwarded-host",
            b"x-forwarded-port",
            b"transfer-encoding",
            b"x-forwarded-proto",
        ];
        for name in names {
            let kind = FieldKind::of(name);
            assert_ne!(kind, FieldKind::Other, "{}", name.escape_ascii());
            for at in 0..name.len() {
                for byte in 0..=u8::MAX {
                    let mut other = name.to_vec();
                    other[at] = byte;
                    let same = FieldKind::of(&other) == kind;
                    assert_eq!(same, other.eq_ignore_ascii_case(name), "{}", other.escape_ascii());
                }
            }
        }
    }
}
