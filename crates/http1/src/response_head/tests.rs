//! Which responses are good, and where their bodies end.

use super::*;

const LIMITS: ResponseLimits = ResponseLimits { max_head: 1000, lenient: false };

fn parse(
    text: &str,
    to_head: bool,
    limits: &ResponseLimits,
) -> Result<(Framing, bool), BadResponse> {
    let text = text.replace('\n', "\r\n").replace('$', "\n").replace('^', "\r");
    let head = ResponseHead::parse(text.as_bytes(), to_head, limits)?;
    let head = head.expect("a complete head");
    Ok((head.framing, head.keep_alive))
}

#[test]
fn a_body_ends_where_the_head_says() {
    // head, framing, may the connection be used again
    #[rustfmt::skip]
    let table: &[(&str, Framing, bool)] = &[
        ("HTTP/1.1 200 OK\nContent-Length: 5\n\n", Framing::Length(5), true),
        ("HTTP/1.1 200 OK\nContent-Length: 0\n\n", Framing::Length(0), true),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\n\n", Framing::Chunked, true),
        ("HTTP/1.1 200 OK\n\n", Framing::UntilClose, false),
        ("HTTP/1.1 200 OK\nConnection: close\nContent-Length: 5\n\n", Framing::Length(5), false),
        ("HTTP/1.0 200 OK\nContent-Length: 5\n\n", Framing::Length(5), false),
        ("HTTP/1.0 200 OK\nContent-Length: 5\nConnection: keep-alive\n\n", Framing::Length(5), true),
        ("HTTP/1.0 200 OK\nConnection: keep-alive\n\n", Framing::UntilClose, false),
        ("HTTP/1.1 204 No Content\n\n", Framing::None, true),
        ("HTTP/1.1 204 No Content\nContent-Length: 0\n\n", Framing::None, true),
        ("HTTP/1.1 204 No Content\nContent-Length: 5\n\n", Framing::None, false),
        ("HTTP/1.1 204 No Content\nTransfer-Encoding: chunked\n\n", Framing::None, false),
        ("HTTP/1.1 304 Not Modified\nContent-Length: 5\n\n", Framing::None, true),
        ("HTTP/1.1 304 Not Modified\nTransfer-Encoding: chunked\n\n", Framing::None, false),
        ("HTTP/1.1 100 Continue\n\n", Framing::None, true),
        ("HTTP/1.1 101 Switching Protocols\nUpgrade: x\n\n", Framing::None, true),
        ("HTTP/1.1 200\nContent-Length: 5\n\n", Framing::Length(5), true),
        ("HTTP/1.1 200 \nContent-Length: 5\n\n", Framing::Length(5), true),
        ("HTTP/1.1 200 a \tb\u{e9}\nContent-Length: 5\n\n", Framing::Length(5), true),
    ];
    for (text, framing, keep_alive) in table {
        assert_eq!(parse(text, false, &LIMITS), Ok((*framing, *keep_alive)), "{text}");
    }
}

#[test]
fn a_response_to_head_has_no_body() {
    let text = "HTTP/1.1 200 OK\nContent-Length: 5\n\n";
    assert_eq!(parse(text, true, &LIMITS), Ok((Framing::None, true)));
    let text = "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n";
    assert_eq!(parse(text, true, &LIMITS), Ok((Framing::None, true)));
    assert_eq!(parse("HTTP/1.1 200 OK\n\n", true, &LIMITS), Ok((Framing::None, true)));
}

#[test]
fn a_response_with_two_meanings_is_bad() {
    #[rustfmt::skip]
    let table: &[(&str, BadResponse)] = &[
        ("HTTP/1.1 200 OK\nContent-Length: 5\nTransfer-Encoding: chunked\n\n", BadResponse::Framing(BadFraming::LengthAndCoding)),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Length: 5\n\n", BadResponse::Framing(BadFraming::LengthAndCoding)),
        ("HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 5\n\n", BadResponse::Framing(BadFraming::LengthTwice)),
        ("HTTP/1.1 200 OK\nContent-Length: 5, 5\n\n", BadResponse::Framing(BadFraming::LengthMalformed)),
        ("HTTP/1.1 304 OK\nContent-Length: +5\n\n", BadResponse::Framing(BadFraming::LengthMalformed)),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n", BadResponse::Framing(BadFraming::CodingTwice)),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked\n\n", BadResponse::Framing(BadFraming::CodingUnknown)),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: gzip\n\n", BadResponse::Framing(BadFraming::CodingMalformed)),
        ("HTTP/1.1 200 OK\nTransfer-Encoding: identity\n\n", BadResponse::Framing(BadFraming::CodingMalformed)),
        ("HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n", BadResponse::Framing(BadFraming::CodingInHttp10)),
        ("HTTP/1.1 200 OK$Content-Length: 5$$", BadResponse::StatusLine),
        ("HTTP/1.1 200 OK\nContent-Length: 5$\n", BadResponse::Fields(BadFields::LineEnd)),
        ("HTTP/1.1 200 OK\nX: a^b\n\n", BadResponse::Fields(BadFields::LineEnd)),
        ("HTTP/1.1 200 OK\nX: a\0b\n\n", BadResponse::Fields(BadFields::Control)),
        ("HTTP/1.1 200 OK\nX: a\n b\n\n", BadResponse::Fields(BadFields::Folded)),
        ("HTTP/1.1 200 OK\nX : a\n\n", BadResponse::Fields(BadFields::Name)),
        ("HTTP/1.1 200 O\0K\n\n", BadResponse::StatusLine),
        ("HTTP/1.1 200 O^K\n\n", BadResponse::StatusLine),
        ("\nHTTP/1.1 200 OK\n\n", BadResponse::StatusLine),
        ("junkHTTP/1.1 200 OK\n\n", BadResponse::StatusLine),
        ("HTTP/1.1  200 OK\n\n", BadResponse::StatusLine),
        ("HTTP/1.1 20 OK\n\n", BadResponse::StatusLine),
        ("HTTP/1.1 2000 OK\n\n", BadResponse::StatusLine),
        ("HTTP/1.1 099 OK\n\n", BadResponse::StatusLine),
        ("HTTP/1.1 600 OK\n\n", BadResponse::StatusLine),
        ("HTTP/1.1 +20 OK\n\n", BadResponse::StatusLine),
        ("HTTP/1.1\n\n", BadResponse::StatusLine),
        ("HTTP/1.2 200 OK\n\n", BadResponse::StatusLine),
        ("HTTP/2 200 OK\n\n", BadResponse::StatusLine),
        ("http/1.1 200 OK\n\n", BadResponse::StatusLine),
        ("ICY 200 OK\n\n", BadResponse::StatusLine),
    ];
    for (text, bad) in table {
        assert_eq!(parse(text, false, &LIMITS), Err(*bad), "{text}");
    }
}

#[test]
fn a_lenient_reader_takes_unknown_codings_until_close() {
    let lenient = ResponseLimits { lenient: true, ..LIMITS };
    for coding in ["gzip", "gzip, chunked", "identity"] {
        let text = format!("HTTP/1.1 200 OK\nTransfer-Encoding: {coding}\n\n");
        assert_eq!(parse(&text, false, &lenient), Ok((Framing::UntilClose, false)), "{coding}");
    }
    let both = "HTTP/1.1 200 OK\nTransfer-Encoding: gzip\nContent-Length: 5\n\n";
    assert_eq!(
        parse(both, false, &lenient),
        Err(BadResponse::Framing(BadFraming::LengthAndCoding))
    );
}

#[test]
fn a_head_has_bounds() {
    let with_value = |length| format!("HTTP/1.1 200 OK\nX: {}\n\n", "a".repeat(length));
    let frame = with_value(0).replace('\n', "\r\n").len();
    assert!(parse(&with_value(LIMITS.max_head - frame), false, &LIMITS).is_ok());
    let long = Err(BadResponse::Fields(BadFields::TooLong));
    assert_eq!(parse(&with_value(LIMITS.max_head - frame + 1), false, &LIMITS), long);
    assert_eq!(parse(&format!("HTTP/1.1 200 {}", "a".repeat(1000)), false, &LIMITS), long);
    let wide = ResponseLimits { max_head: 10_000, ..LIMITS };
    let with_fields = |count| format!("HTTP/1.1 200 OK\n{}\n", "X: a\n".repeat(count));
    assert!(parse(&with_fields(limits::RESPONSE_FIELDS), false, &wide).is_ok());
    let many = Err(BadResponse::Fields(BadFields::TooMany));
    assert_eq!(parse(&with_fields(limits::RESPONSE_FIELDS + 1), false, &wide), many);
}

#[test]
fn only_some_1xx_are_informational() {
    for (status, informational) in
        [(100, true), (101, false), (103, true), (199, true), (200, false)]
    {
        let text = format!("HTTP/1.1 {status} x\r\n\r\n");
        let head = ResponseHead::parse(text.as_bytes(), false, &LIMITS).unwrap().unwrap();
        assert_eq!(head.is_informational(), informational, "{status}");
    }
}
