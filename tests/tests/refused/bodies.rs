//! Rows 6 to 23: how long a body is.

use crate::row::Answer::{BadBody, Refused, Served};
use crate::row::{Row, SMUGGLED};

const CHUNKED: &str = "Transfer-Encoding: chunked\r\n";

/// Rows 6 to 11: Content-Length.
pub(crate) fn lengths() -> Vec<Row> {
    let both = format!("0\r\n\r\n{SMUGGLED}");
    let length = |number, value: &str, body: &str| {
        let lines = format!("Content-Length: {value}\r\n");
        Row::body(number, &format!("length {value:?}"), &lines, body, Refused(400))
    };
    let after = format!("Content-Length: 5\r\n{CHUNKED}");
    let before = format!("{CHUNKED}Content-Length: 5\r\n");
    let equal = "Content-Length: 1\r\nContent-Length: 1\r\n";
    let different = "Content-Length: 1\r\nContent-Length: 2\r\n";
    vec![
        Row::body(6, "length, then chunked", &after, &both, Refused(400)),
        Row::body(6, "chunked, then length", &before, &both, Refused(400)),
        Row::body(7, "two equal lengths", equal, "x", Refused(400)),
        Row::body(8, "two different lengths", different, "x", Refused(400)),
        length(9, "1, 1", "x"),
        length(10, "+1", "x"),
        length(10, "-1", "x"),
        length(10, "0x1", "x"),
        length(10, "1_0", "0123456789"),
        length(10, "", ""),
        length(10, "99999999999999999999999", "x"),
        length(11, "010", "0123456789"),
    ]
}

/// Rows 12 to 17: Transfer-Encoding.
pub(crate) fn codings() -> Vec<Row> {
    let body = format!("5\r\nABCDE\r\n0\r\n\r\n{SMUGGLED}");
    let coding = |number, value: &str, status| {
        let lines = format!("Transfer-Encoding: {value}\r\n");
        Row::body(number, &format!("coding {value:?}"), &lines, &body, Refused(status))
    };
    let lines =
        |number, what: &str, lines: &str| Row::body(number, what, lines, &body, Refused(400));
    let mut rows = vec![
        coding(12, ",chunked", 400),
        coding(13, "gzip, chunked", 501),
        lines(14, "chunked in two fields", &CHUNKED.repeat(2)),
        coding(14, "chunked, chunked", 400),
        lines(15, "identity, then chunked", &format!("Transfer-Encoding: identity\r\n{CHUNKED}")),
        lines(16, "chunked, then identity", &format!("{CHUNKED}Transfer-Encoding: identity\r\n")),
        lines(16, "a space after the name", "Transfer-Encoding : chunked\r\n"),
    ];
    for value in ["chunked, identity", "xchunked", "\"chunked\"", "chunked;a=b", "\x0bchunked"] {
        rows.push(coding(16, value, 400));
    }
    let head = b"POST /echo/row-16 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \xa0chunked\r\n\r\n";
    let bytes = [head.as_slice(), body.as_bytes()].concat();
    rows.push(Row::new(16, "a no-break space before chunked", bytes, Refused(400)));
    let old = format!("POST /echo/row-17 HTTP/1.0\r\nHost: a\r\n{CHUNKED}\r\n{body}");
    rows.push(Row::new(17, "chunked in HTTP/1.0", old, Refused(400)));
    rows
}

/// Rows 18 to 20: chunks that are none.
pub(crate) fn bad_chunks() -> Vec<Row> {
    let mut rows = Vec::new();
    for size in ["0x5", "+5", "0_2", "", " 5", "fffffffffffffffff", "0000000000000005"] {
        let body = format!("{size}\r\nABCDE\r\n0\r\n\r\n{SMUGGLED}");
        rows.push(Row::chunks(18, &format!("chunk size {size:?}"), &body, BadBody));
    }
    let more = [
        (19, "size line ended by LF", "5\nABCDE\r\n0\r\n\r\n"),
        (19, "data ended by LF", "5\r\nABCDE\n0\r\n\r\n"),
        (19, "LF in an extension", "5;a\nb\r\nABCDE\r\n0\r\n\r\n"),
        (19, "last chunk ended by LF", "5\r\nABCDE\r\n0\n\r\n"),
        (19, "the end ended by LF", "5\r\nABCDE\r\n0\r\n\n"),
        (20, "two CR after the size", "5\r\r;ABCD\r\n0\r\n\r\n"),
        (20, "CR in an extension", "5;a\rb\r\nABCDE\r\n0\r\n\r\n"),
    ];
    for (number, what, body) in more {
        rows.push(Row::chunks(number, what, &format!("{body}{SMUGGLED}"), BadBody));
    }
    rows
}

/// Rows 21 to 23: what may stand beside chunks and stays with us.
pub(crate) fn good_chunks() -> Vec<Row> {
    let extension = "5;a=b\r\nABCDE\r\n0\r\n\r\n";
    let mut rows = vec![
        Row::chunks(
            21,
            "a chunk extension",
            extension,
            Served(1, |calls| {
                let body = String::from_utf8_lossy(&calls[0].body);
                body.contains("ABCDE") && !body.contains("a=b")
            }),
        ),
        Row::chunks(
            23,
            "a trailer that looks like a request",
            "0\r\nX:POST / HTTP/1.1\r\n\r\n",
            Served(1, |calls| !calls[0].head.contains("POST / ")),
        ),
    ];
    for trailer in ["Content-Length: 5", "Host: evil", "Transfer-Encoding: evil"] {
        rows.push(Row::chunks(
            22,
            &format!("trailer {trailer}"),
            &format!("5\r\nABCDE\r\n0\r\n{trailer}\r\n\r\n"),
            Served(1, |calls| {
                let body = String::from_utf8_lossy(&calls[0].body);
                let whole = format!("{}{body}", calls[0].head).to_ascii_lowercase();
                body.contains("ABCDE")
                    && !whole.contains("evil")
                    && !body.to_ascii_lowercase().contains("content-length")
            }),
        ));
    }
    rows
}
