//! The head of an answer as it goes to the client.

use copal_http1::field::FieldKind;
use copal_http1::framing::Framing;
use copal_http1::response_head::ResponseHead;
use copal_http1::version::Version;
use copal_http1::write;

use crate::facts::Facts;
use crate::forward::head::VIA;

/// What is remembered of an answer after its head was written for the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnswerFacts {
    pub(crate) status: u16,
    /// How the server delimits the body.
    pub(crate) framing: Framing,
    /// Whether the client gets the body in chunks.
    pub(crate) chunked: bool,
    /// Whether the client's connection goes on afterwards.
    pub(crate) keep_client: bool,
    /// Whether the server's connection goes on afterwards.
    pub(crate) keep_server: bool,
}

impl AnswerFacts {
    /// What follows from the server's head and from what the client can read. `may_go_on`: the
    /// whole request was read, and the server does not stop.
    pub(crate) fn of(head: &ResponseHead<'_>, request: &Facts, may_go_on: bool) -> Self {
        let endless = matches!(head.framing, Framing::Chunked | Framing::UntilClose);
        // RFC 9112, 7.1: "A recipient MUST be able to parse and decode the chunked transfer
        // coding"; 6.1: "A server MUST NOT send a response containing Transfer-Encoding unless
        // the corresponding request indicates HTTP/1.1 (or later minor revisions)."
        let chunked = endless && request.version == Version::Http11;
        Self {
            status: head.status,
            framing: head.framing,
            chunked,
            keep_client: request.keep_alive && may_go_on && (chunked || !endless),
            keep_server: head.keep_alive,
        }
    }
}

/// Writes the head of the final answer. It ends with the empty line.
pub(crate) fn write_final(
    out: &mut Vec<u8>,
    head: &ResponseHead<'_>,
    request: &Facts,
    answer: AnswerFacts,
    date: &[u8],
) {
    write::status_line(out, head.status, head.reason);
    fields(out, head);
    // RFC 9110, 6.6.1: "A recipient with a clock that receives a response message without a Date
    // header field MUST record the time it was received and append a corresponding Date header
    // field to the message's header section if it is cached or forwarded downstream."
    if !head.fields.iter().any(|field| field.kind == FieldKind::Date) {
        write::field(out, b"Date", date);
    }
    match answer.framing {
        Framing::Length(length) => write::length_field(out, length),
        // RFC 9110, 8.6: "A server MAY send a Content-Length header field in a response to a HEAD
        // request"; the same of 304. It says how long the body would be.
        Framing::None if request.is_head || head.status == 304 => {
            if let Some(length) = length_of_absent_body(head) {
                write::field(out, b"Content-Length", length);
            }
        }
        Framing::Chunked | Framing::UntilClose if answer.chunked => {
            out.extend_from_slice(b"Transfer-Encoding: chunked\r\n");
        }
        Framing::None | Framing::Chunked | Framing::UntilClose => {}
    }
    if !answer.keep_client {
        out.extend_from_slice(b"Connection: close\r\n");
    } else if request.version == Version::Http10 {
        out.extend_from_slice(b"Connection: keep-alive\r\n");
    }
    write::end(out);
}

/// Writes the head of an answer that is not the final one, such as 103.
pub(crate) fn write_interim(out: &mut Vec<u8>, head: &ResponseHead<'_>) {
    write::status_line(out, head.status, head.reason);
    fields(out, head);
    write::end(out);
}

/// Writes the head of a 101: the connection becomes a tunnel.
pub(crate) fn write_upgrade(out: &mut Vec<u8>, head: &ResponseHead<'_>) {
    write::status_line(out, head.status, head.reason);
    fields(out, head);
    out.extend_from_slice(b"Connection: upgrade\r\n");
    for field in head.fields.iter().filter(|field| field.kind == FieldKind::Upgrade) {
        write::field(out, b"Upgrade", field.value);
    }
    write::end(out);
}

fn fields(out: &mut Vec<u8>, head: &ResponseHead<'_>) {
    head.write_fields(out, |field| passes(field.kind));
    write::field(out, b"Via", VIA);
}

/// Whether a field goes on to the client: not what is for one hop only, not the framing, which is
/// ours, and none of the words that servers of ours say to each other.
fn passes(kind: FieldKind) -> bool {
    use FieldKind as Kind;
    !matches!(
        kind,
        Kind::Connection
            | Kind::KeepAlive
            | Kind::ProxyConnection
            | Kind::Te
            | Kind::Trailer
            | Kind::TransferEncoding
            | Kind::ContentLength
            | Kind::Upgrade
            | Kind::Http2Settings
            | Kind::Nominated
            | Kind::Copal
    )
}

fn length_of_absent_body<'b>(head: &ResponseHead<'b>) -> Option<&'b [u8]> {
    let mut lengths = head.fields.iter().filter(|field| field.kind == FieldKind::ContentLength);
    lengths.next().map(|field| field.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_http1::response_head::ResponseLimits;

    fn request(version: Version, is_head: bool) -> Facts {
        Facts {
            head_length: 0,
            is_head,
            idempotent: true,
            framing: Framing::None,
            version,
            keep_alive: true,
            upgrade: false,
            expects_continue: false,
        }
    }

    const DATE: &[u8] = b"Sun, 06 Nov 1994 08:49:37 GMT";

    fn answered(response: &str, request: &Facts, closing: bool) -> (String, AnswerFacts) {
        let response = response.replace('\n', "\r\n");
        let limits = ResponseLimits { max_head: 4096, lenient: false };
        let head = ResponseHead::parse(response.as_bytes(), request.is_head, &limits);
        let head = head.unwrap().unwrap();
        let facts = AnswerFacts::of(&head, request, !closing);
        let mut out = Vec::new();
        write_final(&mut out, &head, request, facts, DATE);
        (String::from_utf8(out).unwrap().replace("\r\n", "\n"), facts)
    }

    #[test]
    fn what_is_for_one_hop_stays_here() {
        let response = "HTTP/1.1 200 Fine\nConnection: X-Secret, close\nX-Secret: 1\n\
            Keep-Alive: timeout=1\nCopal-Not-Begun: 1\nSet-Cookie: a=b\nContent-Length: 2\n\n";
        let (sent, facts) = answered(response, &request(Version::Http11, false), false);
        assert_eq!(
            sent,
            "HTTP/1.1 200 Fine\nSet-Cookie: a=b\nVia: 1.1 copal\n\
             Date: Sun, 06 Nov 1994 08:49:37 GMT\nContent-Length: 2\n\n"
        );
        assert!(facts.keep_client && !facts.keep_server);
    }

    #[test]
    fn framing_follows_what_the_client_can_read() {
        use Version::{Http10, Http11};
        const CHUNKED: &str = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n";
        const ENDLESS: &str = "HTTP/1.0 200 OK\n\n";
        const SHORT: &str = "HTTP/1.1 200 OK\nContent-Length: 2\n\n";
        for (response, version, closing, line, keep) in [
            (CHUNKED, Http11, false, "Transfer-Encoding: chunked", true),
            (CHUNKED, Http10, false, "Connection: close", false),
            (ENDLESS, Http11, false, "Transfer-Encoding: chunked", true),
            (ENDLESS, Http10, false, "Connection: close", false),
            (SHORT, Http11, false, "Content-Length: 2", true),
            (SHORT, Http10, false, "Connection: keep-alive", true),
            (SHORT, Http11, true, "Connection: close", false),
        ] {
            let (sent, facts) = answered(response, &request(version, false), closing);
            assert!(sent.contains(line), "{response} for {version:?}: {sent}");
            assert_eq!(facts.keep_client, keep, "{response} for {version:?}");
        }
    }

    #[test]
    fn head_and_304_tell_the_length_of_the_body_that_is_not_there() {
        let (sent, facts) = answered(
            "HTTP/1.1 200 OK\nContent-Length: 5\n\n",
            &request(Version::Http11, true),
            false,
        );
        assert!(sent.contains("Content-Length: 5\n"), "{sent}");
        assert_eq!(facts.framing, Framing::None);
        let (sent, _) = answered(
            "HTTP/1.1 304 Not Modified\nContent-Length: 5\n\n",
            &request(Version::Http11, false),
            false,
        );
        assert!(sent.contains("Content-Length: 5\n"), "{sent}");
    }
}
