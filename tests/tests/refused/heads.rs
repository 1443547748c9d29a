//! Rows 1 to 5 and 24 to 36: host, field lines, request lines.

use crate::row::Answer::{Own, Refused, Served};
use crate::row::{Row, seen};

/// Rows 1 to 5.
pub(crate) fn hosts() -> Vec<Row> {
    let host = |number: u32, what: &str, lines: &str, answer| {
        let head = format!("GET /echo/row-{number} HTTP/1.1\r\n{lines}\r\n");
        Row::new(number, what, head, answer)
    };
    let absolute = "GET http://x.example/echo/row-5 HTTP/1.1\r\nHost: a\r\n\r\n";
    vec![
        host(1, "no Host", "", Refused(400)),
        host(2, "two equal Hosts", "Host: a\r\nHost: a\r\n", Refused(400)),
        host(3, "two different Hosts", "Host: a\r\nHost: b\r\n", Refused(400)),
        host(4, "a path in Host", "Host: a/b\r\n", Refused(400)),
        host(4, "a user in Host", "Host: u@a\r\n", Refused(400)),
        host(4, "an empty Host", "Host:\r\n", Refused(400)),
        host(4, "a list in Host", "Host: a, b\r\n", Refused(400)),
        Row::new(
            5,
            "an absolute URI that disagrees with Host",
            absolute,
            Served(1, |calls| {
                calls[0].values("host") == ["x.example"]
                    && calls[0].request_line() == "GET /echo/row-5 HTTP/1.1"
            }),
        ),
    ]
}

/// Rows 24 to 30.
pub(crate) fn field_lines() -> Vec<Row> {
    let lines = |number, what: &str, lines: &str| Row::fields(number, what, lines, Refused(400));
    let bare_lf = "GET /echo/row-24 HTTP/1.1\nHost: a\n\n";
    let in_name = b"GET /echo/row-29 HTTP/1.1\r\nHost: a\r\nX-\xe9: b\r\n\r\n";
    let obs_text = b"GET /echo/row-26 HTTP/1.1\r\nHost: a\r\nX-Obs: a\xffb\r\n\r\n";
    let first = "GET /echo/row-27 HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n";
    vec![
        Row::new(24, "bare LF everywhere", bare_lf, Refused(400)),
        lines(24, "one bare LF", "X-A: b\nX-C: d\r\n"),
        lines(25, "bare CR in a value", "X-A: b\rc\r\n"),
        lines(25, "NUL in a value", "X-A: b\0c\r\n"),
        lines(25, "0x01 in a value", "X-A: b\x01c\r\n"),
        Row::new(26, "0xFF in a value", obs_text, Served(1, seen)),
        lines(27, "space before the colon", "X-A : b\r\n"),
        lines(27, "an empty name", ": b\r\n"),
        lines(27, "a line without a colon", "nothing\r\n"),
        Row::new(27, "space before the first field", first, Refused(400)),
        lines(27, "CR at the start of a line", "\rX: y\r\n"),
        lines(28, "obs-fold", "X-A: b\r\n c\r\n"),
        lines(29, "a name with a delimiter", "X(: b\r\n"),
        Row::new(29, "an 8-bit name", in_name, Refused(400)),
        Row::fields(
            30,
            "a name with an underscore",
            "X_Forwarded_For: 1.2.3.4\r\n",
            Served(1, |calls| calls[0].values("x_forwarded_for").is_empty()),
        ),
    ]
}

/// Rows 31 to 36.
pub(crate) fn request_lines() -> Vec<Row> {
    let line = |number, line: &[u8], answer| {
        let bytes = [line, b"\r\nHost: a\r\n\r\n"].concat();
        Row::new(number, &line.escape_ascii().to_string(), bytes, answer)
    };
    vec![
        Row::new(31, "HTTP/0.9", "GET /echo/row-31\r\n\r\n", Refused(400)),
        line(32, b"GET /echo/row-32 HTTP/1.2", Refused(505)),
        line(32, b"GET /echo/row-32 HTTP/2.0", Refused(505)),
        line(32, b"GET /echo/row-32 http/1.1", Refused(400)),
        line(32, b"GET /echo/row-32 HTTP/1.10", Refused(400)),
        line(33, b"GET  /echo/row-33 HTTP/1.1", Own(400)),
        line(33, b"GET /echo/row-33  HTTP/1.1", Own(400)),
        line(33, b"GET\t/echo/row-33 HTTP/1.1", Own(400)),
        line(34, b"GET /echo/row-34 b HTTP/1.1", Own(400)),
        line(34, b"GET /echo/row-34\"{} HTTP/1.1", Own(400)),
        line(34, b"GET /echo/row-34\xe9 HTTP/1.1", Own(400)),
        line(34, b"GET /echo/row-34\0 HTTP/1.1", Own(400)),
        line(35, b"GET /echo/row-35#b HTTP/1.1", Own(400)),
        line(36, b"GET /echo/row-36%00 HTTP/1.1", Own(400)),
        line(36, b"GET /echo/row-36%zz HTTP/1.1", Own(400)),
        line(36, b"GET /echo/row-36% HTTP/1.1", Own(400)),
    ]
}
