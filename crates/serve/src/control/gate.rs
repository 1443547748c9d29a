//! Who may ask for what.

use std::net::{IpAddr, Ipv6Addr};

use copal_config::secret::Secret;
use subtle::ConstantTimeEq as _;

use crate::control::request::Request;

/// Who may ask for what at a listener.
#[derive(Debug)]
pub(crate) enum Gate {
    /// The control socket: whoever may open the file may do everything.
    Socket,
    /// The admin listener.
    Admin {
        /// Whether only this host can reach it.
        loopback: bool,
        token: Option<Secret>,
    },
}

/// Why a request is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Denied {
    /// No token would help.
    #[error(
        "this needs a token, and the admin listener has none: write `token` in `admin` of the \
         server, or use the control socket (`copal` on its host)"
    )]
    NoToken,
    /// A token was not shown.
    #[error("this needs the token of the admin listener: send `Authorization: Bearer TOKEN`")]
    TokenMissing,
    /// Another token was shown.
    #[error("this is not the token of the admin listener")]
    TokenWrong,
    /// A page of another site asks, through the browser of an operator.
    #[error("a page of another site may not change anything here")]
    ForeignOrigin,
    /// A name of another site leads here, perhaps through the browser of an operator.
    #[error("a listener that only this host can reach is asked for by its address or as localhost")]
    ForeignHost,
}

impl Denied {
    /// The status of the answer.
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::NoToken | Self::ForeignOrigin => 403,
            Self::TokenMissing | Self::TokenWrong => 401,
            // RFC 9110, 15.5.20: "the request was directed at a server that is unable or unwilling
            // to produce an authoritative response for the target URI."
            Self::ForeignHost => 421,
        }
    }

    /// The value of `WWW-Authenticate`.
    pub(crate) fn challenge(self) -> Option<&'static str> {
        match self {
            // RFC 6750, 3.1: "If the request lacks any authentication information (...), the
            // resource server SHOULD NOT include an error code or other error information."
            Self::TokenMissing => Some("Bearer realm=\"copal\""),
            Self::TokenWrong => Some("Bearer realm=\"copal\", error=\"invalid_token\""),
            Self::NoToken | Self::ForeignOrigin | Self::ForeignHost => None,
        }
    }
}

impl Gate {
    /// The gate of an admin listener at this address.
    pub(crate) fn admin(address: IpAddr, token: Option<Secret>) -> Self {
        Self::Admin { loopback: address.to_canonical().is_loopback(), token }
    }

    /// Whether whoever sends this request may look around, so that its connection may stay.
    pub(crate) fn knows(&self, request: &Request) -> bool {
        let health = request.path == "/health";
        match self {
            Self::Socket => true,
            Self::Admin { .. } => !health && self.admit(request).is_ok(),
        }
    }

    /// Whether this request may be answered.
    pub(crate) fn admit(&self, request: &Request) -> Result<(), Denied> {
        let Self::Admin { loopback, token } = self else { return Ok(()) };
        let looks = request.only_looks();
        // Watchers of processes have no token, and there is nothing to see.
        if looks && request.path == "/health" {
            return Ok(());
        }
        let shown = token.as_ref().map(|token| Shown::by(request, token));
        let proven = shown == Some(Shown::Right);
        // A page can make a name of its own site lead to 127.0.0.1, and then read what is there as
        // if it were its own. It cannot make the browser hide the name.
        if *loopback && !proven && !is_loopback(&request.authority) {
            return Err(Denied::ForeignHost);
        }
        if !looks && !request.origins.iter().all(|origin| is_own(origin, &request.authority)) {
            return Err(Denied::ForeignOrigin);
        }
        match shown {
            Some(Shown::Right) => Ok(()),
            _ if *loopback && looks => Ok(()),
            Some(Shown::Nothing) => Err(Denied::TokenMissing),
            Some(Shown::Wrong) => Err(Denied::TokenWrong),
            None => Err(Denied::NoToken),
        }
    }
}

/// What a request shows of a token.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    Nothing,
    Wrong,
    Right,
}

impl Shown {
    fn by(request: &Request, token: &Secret) -> Self {
        match request.authorizations.as_slice() {
            [] => Self::Nothing,
            [one] => match bearer(one) {
                Some(shown) if bool::from(shown.ct_eq(token.bytes())) => Self::Right,
                _ => Self::Wrong,
            },
            _ => Self::Wrong,
        }
    }
}

/// The token in a value of `Authorization`.
fn bearer(value: &[u8]) -> Option<&[u8]> {
    // RFC 6750, 2.1: "credentials = "Bearer" 1*SP b64token"; RFC 9110, 11.1: the scheme is "a
    // case-insensitive token".
    let (scheme, rest) = value.split_at_checked(b"Bearer".len())?;
    let token = rest.trim_ascii_start();
    (scheme.eq_ignore_ascii_case(b"Bearer") && token.len() < rest.len()).then_some(token)
}

/// Whether an `Origin` is the site that was asked, whichever scheme a proxy between may have used.
fn is_own(origin: &[u8], authority: &str) -> bool {
    let site = origin.strip_prefix(b"http://").or_else(|| origin.strip_prefix(b"https://"));
    site.is_some_and(|site| site.eq_ignore_ascii_case(authority.as_bytes()))
}

/// Whether a host with perhaps a port is this host, told without looking anything up. No browser
/// leaves the host out.
fn is_loopback(authority: &str) -> bool {
    if authority.is_empty() {
        return true;
    }
    if let Some(literal) = authority.strip_prefix('[') {
        let address = literal.split_once(']').and_then(|(ip, _)| ip.parse::<Ipv6Addr>().ok());
        return address.is_some_and(|ip| IpAddr::V6(ip).to_canonical().is_loopback());
    }
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_http1::limits::HeadLimits;
    use copal_http1::request_head::RequestHead;

    const TOKEN: &str = "Authorization: Bearer 0123456789abcdef\r\n";
    const OTHER: &str = "Authorization: Bearer 0123456789abcdeF\r\n";

    fn request(line: &str, host: &str, fields: &str) -> Request {
        let text = format!("{line} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n");
        let limits = HeadLimits { max_head: 4096, max_fields: 20, max_uri: 1024 };
        Request::of(&RequestHead::parse(text.as_bytes(), &limits).unwrap().unwrap())
    }

    fn gate(address: &str, token: bool) -> Gate {
        let token = token.then(|| Secret::new(b"0123456789abcdef".to_vec()));
        Gate::admin(address.parse().unwrap(), token)
    }

    #[test]
    fn who_may_do_what() {
        use Denied::{NoToken, TokenMissing, TokenWrong};
        // listener, has a token | shows | changes | shows with token | changes with a wrong one
        // | changes with it
        let table = [
            ("127.0.0.1", false, [Ok(()), Err(NoToken), Ok(()), Err(NoToken), Err(NoToken)]),
            ("::1", false, [Ok(()), Err(NoToken), Ok(()), Err(NoToken), Err(NoToken)]),
            ("127.0.0.1", true, [Ok(()), Err(TokenMissing), Ok(()), Err(TokenWrong), Ok(())]),
            (
                "::ffff:127.0.0.1",
                true,
                [Ok(()), Err(TokenMissing), Ok(()), Err(TokenWrong), Ok(())],
            ),
            (
                "0.0.0.0",
                true,
                [Err(TokenMissing), Err(TokenMissing), Ok(()), Err(TokenWrong), Ok(())],
            ),
            (
                "10.0.0.1",
                false,
                [Err(NoToken), Err(NoToken), Err(NoToken), Err(NoToken), Err(NoToken)],
            ),
        ];
        for (address, token, expected) in table {
            let gate = gate(address, token);
            let host = "127.0.0.1:6900";
            let asked = [
                request("GET /status", host, ""),
                request("POST /reload", host, ""),
                request("GET /status", host, TOKEN),
                request("POST /reload", host, OTHER),
                request("POST /reload", host, TOKEN),
            ];
            assert_eq!(asked.map(|request| gate.admit(&request)), expected, "{address} {token}");
            for host in ["127.0.0.1", "evil.example"] {
                assert_eq!(gate.admit(&request("GET /health", host, "")), Ok(()));
                assert_eq!(gate.admit(&request("HEAD /health", host, "")), Ok(()));
            }
            assert!(gate.admit(&request("POST /health", host, "")).is_err());
        }
        let everything = request("POST /reload", "evil.example", "Origin: http://other\r\n");
        assert_eq!(Gate::Socket.admit(&everything), Ok(()));
    }

    #[test]
    fn a_token_is_shown_once_and_whole() {
        let gate = gate("10.0.0.1", true);
        for (fields, expected) in [
            (TOKEN.to_owned(), Ok(())),
            (TOKEN.replace("Bearer ", "bEARER   "), Ok(())),
            (TOKEN.replace("Bearer", "Basic"), Err(Denied::TokenWrong)),
            (TOKEN.replace("Bearer ", "Bearer"), Err(Denied::TokenWrong)),
            (TOKEN.replace("f\r", "\r"), Err(Denied::TokenWrong)),
            (TOKEN.replace("f\r", "ff\r"), Err(Denied::TokenWrong)),
            (TOKEN.replace("f\r", "f, Bearer x\r"), Err(Denied::TokenWrong)),
            ("Authorization: Bearer \r\n".to_owned(), Err(Denied::TokenWrong)),
            (format!("{TOKEN}{OTHER}"), Err(Denied::TokenWrong)),
            (format!("{TOKEN}{TOKEN}"), Err(Denied::TokenWrong)),
            (String::new(), Err(Denied::TokenMissing)),
        ] {
            let request = request("GET /status", "admin.example", &fields);
            assert_eq!(gate.admit(&request), expected, "{fields}");
        }
    }

    #[test]
    fn names_of_other_sites_do_not_lead_to_a_loopback_listener() {
        for (host, is_good) in [
            ("127.0.0.1", true),
            ("127.8.9.1:6900", true),
            ("[::1]:6900", true),
            ("[::1]", true),
            ("[::ffff:127.0.0.1]", true),
            ("LocalHost:6900", true),
            ("evil.example:6900", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("10.0.0.1", false),
            ("[::2]", false),
        ] {
            let asked = request("GET /status", host, "");
            for has_token in [false, true] {
                let found = gate("127.0.0.1", has_token).admit(&asked);
                let expected = if is_good { Ok(()) } else { Err(Denied::ForeignHost) };
                assert_eq!(found, expected, "{host}");
            }
            // Whoever knows the token is not a page of another site.
            assert_eq!(
                gate("127.0.0.1", true).admit(&request("POST /reload", host, TOKEN)),
                Ok(())
            );
        }
        let old = b"GET /status HTTP/1.0\r\n\r\n";
        let limits = HeadLimits { max_head: 4096, max_fields: 20, max_uri: 1024 };
        let old = Request::of(&RequestHead::parse(old, &limits).unwrap().unwrap());
        assert_eq!(gate("127.0.0.1", false).admit(&old), Ok(()));
    }

    #[test]
    fn pages_of_other_sites_change_nothing() {
        let gate = gate("127.0.0.1", true);
        for (origins, is_good) in [
            (vec!["http://127.0.0.1:6900"], true),
            (vec!["https://127.0.0.1:6900"], true),
            (vec!["http://127.0.0.1"], false),
            (vec!["http://127.0.0.1:69000"], false),
            (vec!["http://evil.example"], false),
            (vec!["null"], false),
            (vec![""], false),
            (vec!["http://127.0.0.1:6900", "http://evil.example"], false),
        ] {
            let mut fields: String =
                origins.iter().map(|origin| format!("oRigin: {origin}\r\n")).collect();
            fields.push_str(TOKEN);
            let found = gate.admit(&request("POST /reload", "127.0.0.1:6900", &fields));
            let expected = if is_good { Ok(()) } else { Err(Denied::ForeignOrigin) };
            assert_eq!(found, expected, "{origins:?}");
            // What is only shown, the browser keeps from the page.
            assert_eq!(gate.admit(&request("GET /status", "127.0.0.1:6900", &fields)), Ok(()));
        }
    }
}
