//! Which fields of a message may cross the border between client, tier and application.

use copal_http1::field::FieldKind;
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, HeaderName};

/// What a proxy says about the client.
const TOLD_BY_PROXIES: [&str; 6] = [
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-request-id",
    "forwarded",
];

/// What is about the connection, and not about the answer; `Connection` and `Upgrade` aside.
const OF_THE_CONNECTION: [&str; 3] = ["keep-alive", "proxy-connection", "transfer-encoding"];

/// Our own fields begin so.
const OWN: &str = "copal-";

/// Removes from a request what no application may see: our own fields, names that some servers
/// read as others, what upgrades to HTTP/2, and, unless the sender is `believed`, what only
/// proxies may say.
pub(crate) fn clean_request(fields: &mut HeaderMap, believed: bool) {
    let barred = |name: &HeaderName| {
        let name = name.as_str();
        let forged = !believed && TOLD_BY_PROXIES.contains(&name);
        forged || name.starts_with(OWN) || name.contains('_') || name == "http2-settings"
    };
    remove(fields, barred);
    // RFC 9110, 7.8: "A server MAY ignore a received Upgrade header field if it wishes to
    // continue using the current protocol on that connection."
    let h2c = |value: &http::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"h2c");
    if fields.get_all(UPGRADE).iter().any(h2c) {
        fields.remove(UPGRADE);
    }
}

/// Removes from the trailers of a request whatever means something to somebody on its way.
///
/// RFC 9110, 6.5.1: "Many fields cannot be processed outside the header section because their
/// evaluation is necessary prior to receiving the content, such as those that describe message
/// framing, routing, authentication, request modifiers, response controls, or content format."
pub(crate) fn clean_trailers(fields: &mut HeaderMap) {
    remove(fields, |name| FieldKind::of(name.as_str().as_bytes()) != FieldKind::Other);
}

/// Removes from an answer what only the tier itself may say: our own fields, and what is about the
/// connection, which an application does not know. Of that, one that `switches` the protocol needs
/// the name of the new one.
pub(crate) fn clean_response(fields: &mut HeaderMap, switches: bool) {
    remove(fields, |name| {
        let switching = *name == CONNECTION || *name == UPGRADE;
        let of_connection = OF_THE_CONNECTION.contains(&name.as_str());
        name.as_str().starts_with(OWN) || of_connection || (switching && !switches)
    });
}

fn remove(fields: &mut HeaderMap, barred: impl Fn(&HeaderName) -> bool) {
    // Usually there is nothing to remove, and then nothing is allocated.
    let found: Vec<HeaderName> = fields.keys().filter(|&name| barred(name)).cloned().collect();
    for name in found {
        fields.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(fields: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<&str> = fields.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    fn fields(names: &[&'static str]) -> HeaderMap {
        let pair = |name: &&'static str| (HeaderName::from_static(name), "1".parse().unwrap());
        names.iter().map(pair).collect()
    }

    #[test]
    fn only_the_believed_may_speak_for_others() {
        let all = [
            "accept",
            "copal-proof",
            "copal-session-id",
            "forwarded",
            "http2-settings",
            "traceparent",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto",
            "x-request-id",
            "x_forwarded_for",
        ];
        let mut strange = fields(&all);
        clean_request(&mut strange, false);
        assert_eq!(names(&strange), ["accept", "traceparent"]);
        let mut believed = fields(&all);
        clean_request(&mut believed, true);
        let kept = [
            "accept",
            "forwarded",
            "traceparent",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-port",
            "x-forwarded-proto",
            "x-request-id",
        ];
        assert_eq!(names(&believed), kept);
    }

    #[test]
    fn trailers_cannot_pass_for_headers() {
        let mut trailers = fields(&["authorization", "content-length", "host", "x-sum"]);
        clean_trailers(&mut trailers);
        assert_eq!(names(&trailers), ["x-sum"]);
    }

    #[test]
    fn an_application_cannot_speak_for_the_tier() {
        let all = [
            "connection",
            "content-length",
            "content-type",
            "copal-not-begun",
            "keep-alive",
            "proxy-connection",
            "transfer-encoding",
            "upgrade",
        ];
        let mut answer = fields(&all);
        clean_response(&mut answer, false);
        assert_eq!(names(&answer), ["content-length", "content-type"]);
        let mut answer = fields(&all);
        clean_response(&mut answer, true);
        assert_eq!(names(&answer), ["connection", "content-length", "content-type", "upgrade"]);
    }
}
