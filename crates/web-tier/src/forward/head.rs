//! The head of a request as it goes to the server.

use std::net::IpAddr;

use copal_http1::field::{Field, FieldKind};
use copal_http1::framing::Framing;
use copal_http1::request_head::RequestHead;
use copal_http1::write;

use crate::client::Peer;

/// How we call ourselves in `Via`.
pub(crate) const VIA: &[u8] = b"1.1 copal";

/// What the head of a request to a server is made of.
#[derive(Debug)]
pub(crate) struct OutgoingHead<'r, 'b> {
    pub(crate) head: &'r RequestHead<'b>,
    /// The path in normal form.
    pub(crate) path: &'r [u8],
    pub(crate) peer: &'r Peer,
    /// Whether the client came by a secure connection, to us or to a proxy that we believe.
    pub(crate) secure: bool,
    /// Names this request and no other.
    pub(crate) mark: RequestMark,
}

/// Names a request: which process made it up, and which of its requests it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestMark {
    pub(crate) process: u64,
    pub(crate) request: u64,
}

impl OutgoingHead<'_, '_> {
    /// Writes the head. It ends with the empty line.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.request_line(out);
        self.host(out);
        // RFC 9110, 7.6.1: "Intermediaries MUST parse a received Connection header field before a
        // message is forwarded and, for each connection-option in this field, remove any header
        // or trailer field(s) from the message with the same name as the connection-option".
        // This comes before our own fields, so that nobody can name those away.
        self.head.write_fields(out, |field| self.passes(field));
        self.forwarded(out);
        self.names(out);
        // RFC 9110, 7.6.3: "A proxy MUST send an appropriate Via header field, as described below,
        // in each message that it forwards."
        write::field(out, b"Via", VIA);
        self.framing(out);
        write::end(out);
    }

    fn request_line(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.head.method.as_bytes());
        out.push(b' ');
        out.extend_from_slice(self.path);
        if let Some(query) = self.head.query {
            out.push(b'?');
            out.extend_from_slice(query);
        }
        out.extend_from_slice(b" HTTP/1.1\r\n");
    }

    fn host(&self, out: &mut Vec<u8>) {
        if self.head.authority.is_empty() {
            // HTTP/1.0 without Host; a server of HTTP/1.1 needs one.
            write::field(out, b"Host", self.peer.local.to_string().as_bytes());
        } else {
            write::field(out, b"Host", self.head.authority);
        }
    }

    /// Whether a field goes on as it is. The others are dropped or written anew.
    fn passes(&self, field: &Field<'_>) -> bool {
        use FieldKind as Kind;
        match field.kind {
            Kind::Via => self.peer.trusted,
            // W3C Trace Context, 3.4: without a good traceparent, "the tracestate header MUST be
            // discarded".
            Kind::Other if field.name.eq_ignore_ascii_case(b"tracestate") => {
                self.parent().is_some()
            }
            Kind::Other | Kind::Cookie | Kind::Authorization => true,
            Kind::Date | Kind::Server | Kind::SetCookie | Kind::Location => true,
            _ => false,
        }
    }

    /// The one good `traceparent` of the request.
    fn parent(&self) -> Option<&[u8]> {
        let mut received = self.head.values(FieldKind::Traceparent);
        match (received.next(), received.next()) {
            (Some(parent), None) if is_traceparent(parent) => Some(parent),
            _ => None,
        }
    }

    fn trusted(&self, kind: FieldKind) -> Option<&[u8]> {
        if self.peer.trusted { self.head.values(kind).next() } else { None }
    }

    fn forwarded(&self, out: &mut Vec<u8>) {
        let address = &self.peer.address_text;
        let proto: &[u8] = if self.secure { b"https" } else { b"http" };
        self.list(out, b"X-Forwarded-For", FieldKind::XForwardedFor, |out| {
            out.extend_from_slice(address.as_bytes());
        });
        write::field(out, b"X-Forwarded-Proto", proto);
        let host = self.trusted(FieldKind::XForwardedHost).unwrap_or(self.head.authority);
        if !host.is_empty() {
            write::field(out, b"X-Forwarded-Host", host);
        }
        let port =
            self.trusted(FieldKind::XForwardedPort).unwrap_or(self.peer.port_text.as_bytes());
        write::field(out, b"X-Forwarded-Port", port);
        self.list(out, b"Forwarded", FieldKind::Forwarded, |out| {
            forwarded_element(out, self.peer.address, address, self.head.authority, proto);
        });
    }

    /// A field to whose list our own element is added at the end.
    fn list(
        &self,
        out: &mut Vec<u8>,
        name: &[u8],
        kind: FieldKind,
        element: impl FnOnce(&mut Vec<u8>),
    ) {
        out.extend_from_slice(name);
        out.extend_from_slice(b": ");
        if self.peer.trusted {
            for value in self.head.values(kind) {
                out.extend_from_slice(value);
                out.extend_from_slice(b", ");
            }
        }
        element(out);
        out.extend_from_slice(b"\r\n");
    }

    /// The names by which the request can be found again: `X-Request-Id` and `traceparent`.
    fn names(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"X-Request-Id: ");
        match self.trusted(FieldKind::XRequestId) {
            Some(id) if !id.is_empty() => out.extend_from_slice(id),
            _ => self.mark.write(out),
        }
        out.extend_from_slice(b"\r\ntraceparent: ");
        match self.parent() {
            Some(parent) => out.extend_from_slice(parent),
            // A trace of our own; the receiver decides whether it is recorded.
            None => {
                out.extend_from_slice(b"00-");
                self.mark.write(out);
                out.push(b'-');
                out.extend_from_slice(&hex(self.mark.request));
                out.extend_from_slice(b"-00");
            }
        }
        out.extend_from_slice(b"\r\n");
    }

    /// Our own framing, and the upgrade that the client asks for.
    fn framing(&self, out: &mut Vec<u8>) {
        match self.head.framing {
            Framing::Length(length) => write::length_field(out, length),
            Framing::Chunked => out.extend_from_slice(b"Transfer-Encoding: chunked\r\n"),
            Framing::None | Framing::UntilClose => {}
        }
        if let Some(protocols) = self.head.upgrade {
            out.extend_from_slice(b"Connection: upgrade\r\n");
            write::field(out, b"Upgrade", protocols);
        }
    }
}

impl RequestMark {
    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&hex(self.process));
        out.extend_from_slice(&hex(self.request));
    }
}

/// 16 digits.
fn hex(number: u64) -> [u8; 16] {
    // Eight digits: each half byte in a byte of its own, then all of them made letters at once.
    let digits = |part: u64| {
        let part = (part | part << 16) & 0x0000_ffff_0000_ffff;
        let part = (part | part << 8) & 0x00ff_00ff_00ff_00ff;
        let part = (part | part << 4) & 0x0f0f_0f0f_0f0f_0f0f;
        let above_9 = ((part + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
        part + 0x3030_3030_3030_3030 + above_9 * u64::from(b'a' - b'0' - 10)
    };
    let all = u128::from(digits(number >> 32)) << 64 | u128::from(digits(number & 0xffff_ffff));
    all.to_be_bytes()
}

// RFC 7239, 4: "forwarded-pair = token "=" value"; 6: "an IPv6 address is always enclosed in
// square brackets" and must be quoted for them.
fn forwarded_element(
    out: &mut Vec<u8>,
    address: IpAddr,
    text: &str,
    authority: &[u8],
    proto: &[u8],
) {
    if address.is_ipv6() {
        out.extend_from_slice(b"for=\"[");
        out.extend_from_slice(text.as_bytes());
        out.extend_from_slice(b"]\"");
    } else {
        out.extend_from_slice(b"for=");
        out.extend_from_slice(text.as_bytes());
    }
    if !authority.is_empty() {
        out.extend_from_slice(b";host=\"");
        out.extend_from_slice(authority);
        out.push(b'"');
    }
    out.extend_from_slice(b";proto=");
    out.extend_from_slice(proto);
}

/// Whether it has the form of W3C Trace Context, section 3.2: version, trace id, parent id and
/// flags, of which the ids are not all zeros.
fn is_traceparent(value: &[u8]) -> bool {
    let mut parts = value.split(|byte| *byte == b'-');
    let mut part = |length: usize| {
        parts.next().is_some_and(|part| {
            part.len() == length
                && part.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
    };
    let well_formed = part(2) && part(32) && part(16) && part(2);
    let first = value.get(..2);
    let zero = |range: std::ops::Range<usize>| {
        value.get(range).is_some_and(|id| id.iter().all(|byte| *byte == b'0'))
    };
    let version_0_is_over = value.len() == 55 || first != Some(b"00");
    well_formed && first != Some(b"ff") && !zero(3..35) && !zero(36..52) && version_0_is_over
}

/// Whether one of the client's fields says that it came by a secure connection.
pub(crate) fn says_https(fields: &[Field<'_>]) -> bool {
    let mut protos = fields.iter().filter(|field| field.kind == FieldKind::XForwardedProto);
    protos.next().is_some_and(|field| field.value.eq_ignore_ascii_case(b"https"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_config::limits::Limits;
    use copal_config::network::Network;
    use copal_http1::limits::HeadLimits;

    fn outgoing(request: &str, peer: &str, limits: &Limits) -> String {
        let head_limits = HeadLimits { max_head: 4096, max_fields: 50, max_uri: 1000 };
        let request = request.replace('\n', "\r\n");
        let head = RequestHead::parse(request.as_bytes(), &head_limits).unwrap().unwrap();
        let peer = Peer::new(peer.parse().unwrap(), "10.1.1.1:8080".parse().unwrap(), limits);
        let secure = peer.trusted && says_https(&head.fields);
        let mark = RequestMark { process: 0xabc, request: 7 };
        let mut out = Vec::new();
        OutgoingHead { head: &head, path: head.path, peer: &peer, secure, mark }.write(&mut out);
        String::from_utf8(out).unwrap().replace("\r\n", "\n")
    }

    #[test]
    fn a_plain_request_gets_the_forwarded_set() {
        let request = "GET /a?b=c HTTP/1.1\nHost: x.example\nAccept: */*\n\n";
        let sent = outgoing(request, "192.0.2.7:1234", &Limits::default());
        assert_eq!(
            sent,
            "GET /a?b=c HTTP/1.1\n\
             Host: x.example\n\
             Accept: */*\n\
             X-Forwarded-For: 192.0.2.7\n\
             X-Forwarded-Proto: http\n\
             X-Forwarded-Host: x.example\n\
             X-Forwarded-Port: 8080\n\
             Forwarded: for=192.0.2.7;host=\"x.example\";proto=http\n\
             X-Request-Id: 0000000000000abc0000000000000007\n\
             traceparent: 00-0000000000000abc0000000000000007-0000000000000007-00\n\
             Via: 1.1 copal\n\n"
        );
    }

    const CLAIMS: &str = "GET / HTTP/1.1\nHost: x\nX-Forwarded-For: 1.1.1.1\n\
        X-Forwarded-Proto: https\nX-Forwarded-Host: y\nX-Forwarded-Port: 443\n\
        Forwarded: for=1.1.1.1\nX-Request-Id: mine\nVia: 1.0 other\n\
        traceparent: 00-11111111111111111111111111111111-2222222222222222-01\n\n";

    #[test]
    fn claims_of_a_stranger_are_dropped_but_the_trace() {
        let sent = outgoing(CLAIMS, "192.0.2.7:1234", &Limits::default());
        for claim in ["1.1.1.1", "https", ": y\n", "443", "mine", "other"] {
            assert!(!sent.contains(claim), "{claim} in {sent}");
        }
        let trace = "traceparent: 00-11111111111111111111111111111111-2222222222222222-01\n";
        assert!(sent.contains(trace), "{sent}");
    }

    #[test]
    fn claims_of_a_trusted_proxy_are_kept_and_added_to() {
        let network = Network { address: "192.0.2.0".parse().unwrap(), bits: 24 };
        let limits = Limits { trusted_proxies: vec![network], ..Limits::default() };
        let sent = outgoing(CLAIMS, "[::ffff:192.0.2.7]:1234", &limits);
        for line in [
            "X-Forwarded-For: 1.1.1.1, 192.0.2.7\n",
            "X-Forwarded-Proto: https\n",
            "X-Forwarded-Host: y\n",
            "X-Forwarded-Port: 443\n",
            "Forwarded: for=1.1.1.1, for=192.0.2.7;host=\"x\";proto=https\n",
            "X-Request-Id: mine\n",
            "Via: 1.0 other\n",
            "Via: 1.1 copal\n",
        ] {
            assert!(sent.contains(line), "{line} not in {sent}");
        }
    }

    #[test]
    fn nothing_of_ours_can_be_named_away() {
        let request = "POST / HTTP/1.1\nHost: x\nContent-Length: 3\nCookie: a=b\nX-Foo: 1\n\
            Connection: close, X-Forwarded-For, Content-Length, Cookie, X-Foo, Host\n\
            Keep-Alive: timeout=5\nTE: trailers\nX_Forwarded_For: 6.6.6.6\n\
            Upgrade: h2c\nHTTP2-Settings: AA\nCopal-Proof: 00\n\n";
        let sent = outgoing(request, "[2001:db8::1]:9", &Limits::default());
        for line in ["Host: x\n", "Content-Length: 3\n", "Cookie: a=b\n"] {
            assert!(sent.contains(line), "{line} not in {sent}");
        }
        assert!(sent.contains("X-Forwarded-For: 2001:db8::1\n"), "{sent}");
        assert!(sent.contains("for=\"[2001:db8::1]\""), "{sent}");
        for gone in
            ["Connection", "X-Foo", "Keep-Alive", "TE:", "6.6.6.6", "pgrade", "HTTP2", "Copal"]
        {
            assert!(!sent.contains(gone), "{gone} in {sent}");
        }
    }

    #[test]
    fn the_state_of_a_trace_goes_only_where_the_trace_goes() {
        let request = |parent: &str| {
            format!("GET / HTTP/1.1\nHost: x\ntracestate: a=b\ntraceparent: {parent}\n\n")
        };
        let good = "00-11111111111111111111111111111111-2222222222222222-01";
        let sent = outgoing(&request(good), "192.0.2.7:1", &Limits::default());
        assert!(sent.contains("tracestate: a=b\n"), "{sent}");
        let sent = outgoing(&request("00-bad"), "192.0.2.7:1", &Limits::default());
        assert!(!sent.contains("tracestate"), "{sent}");
    }

    #[test]
    fn an_upgrade_goes_on() {
        let request = "GET / HTTP/1.1\nHost: x\nConnection: Upgrade\nUpgrade: websocket\n\n";
        let sent = outgoing(request, "192.0.2.7:1", &Limits::default());
        assert!(sent.ends_with("Connection: upgrade\nUpgrade: websocket\n\n"), "{sent}");
    }

    #[test]
    fn http_1_0_without_host_gets_our_address() {
        let sent = outgoing("GET / HTTP/1.0\n\n", "192.0.2.7:1", &Limits::default());
        assert!(sent.starts_with("GET / HTTP/1.1\nHost: 10.1.1.1:8080\n"), "{sent}");
        assert!(!sent.contains("X-Forwarded-Host"), "{sent}");
    }

    #[test]
    fn only_well_formed_traces_go_on() {
        let good = "00-11111111111111111111111111111111-2222222222222222-01";
        assert!(is_traceparent(good.as_bytes()));
        for bad in [
            "",
            "00-11111111111111111111111111111111-2222222222222222",
            "ff-11111111111111111111111111111111-2222222222222222-01",
            "00-00000000000000000000000000000000-2222222222222222-01",
            "00-11111111111111111111111111111111-0000000000000000-01",
            "00-1111111111111111111111111111111G-2222222222222222-01",
            "00-11111111111111111111111111111111-2222222222222222-01-more",
        ] {
            assert!(!is_traceparent(bad.as_bytes()), "{bad}");
        }
    }
}
