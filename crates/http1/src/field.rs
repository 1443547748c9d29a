//! One field of a head.

use smallvec::SmallVec;

/// The fields of a head, in the order in which they came.
pub type Fields<'b> = SmallVec<[Field<'b>; 48]>;

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
        let candidates: &[(&[u8], Self)] = match name.len() {
            2 => &[(b"te", Self::Te)],
            3 => &[(b"via", Self::Via)],
            4 => &[(b"host", Self::Host), (b"date", Self::Date)],
            6 => &[(b"cookie", Self::Cookie), (b"server", Self::Server), (b"expect", Self::Expect)],
            7 => &[(b"upgrade", Self::Upgrade), (b"trailer", Self::Trailer)],
            8 => &[(b"location", Self::Location)],
            9 => &[(b"forwarded", Self::Forwarded)],
            10 => &[
                (b"connection", Self::Connection),
                (b"set-cookie", Self::SetCookie),
                (b"keep-alive", Self::KeepAlive),
            ],
            11 => &[(b"traceparent", Self::Traceparent)],
            12 => &[(b"x-request-id", Self::XRequestId)],
            13 => &[(b"authorization", Self::Authorization)],
            14 => &[
                (b"content-length", Self::ContentLength),
                (b"http2-settings", Self::Http2Settings),
            ],
            15 => &[(b"x-forwarded-for", Self::XForwardedFor)],
            16 => &[
                (b"proxy-connection", Self::ProxyConnection),
                (b"x-forwarded-host", Self::XForwardedHost),
                (b"x-forwarded-port", Self::XForwardedPort),
            ],
            17 => &[
                (b"transfer-encoding", Self::TransferEncoding),
                (b"x-forwarded-proto", Self::XForwardedProto),
            ],
            _ => &[],
        };
        let known = candidates.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
        known.map_or_else(|| Self::of_unlisted(name), |(_, kind)| *kind)
    }

    fn of_unlisted(name: &[u8]) -> Self {
        if name.split_at_checked(6).is_some_and(|(front, _)| front.eq_ignore_ascii_case(b"copal-"))
        {
            return Self::Copal;
        }
        if name.contains(&b'_') { Self::Underscore } else { Self::Other }
    }

    /// Whether `Connection` may name it away. It may not do so with what decides where a message
    /// goes, where it ends, whose it is, and what we say about its way here.
    #[must_use]
    pub fn may_be_nominated(self) -> bool {
        matches!(self, Self::Other | Self::Date | Self::Server | Self::Location)
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
}
