//! How large a request may be: `max-head`, `max-fields`, `max-uri`, `max-body`.

use crate::doors;

const LIMITS: &str = "max-head = \"2K\"\nmax-fields = 20\nmax-uri = \"100\"\nmax-body = \"1000\"";

/// A head of exactly so many bytes.
fn head(length: usize) -> String {
    let (begin, end) = ("GET /echo HTTP/1.1\r\nHost: a\r\nX: ", "\r\n\r\n");
    format!("{begin}{}{end}", "x".repeat(length - begin.len() - end.len()))
}

/// A head with so many fields.
fn fields(count: usize) -> String {
    let more: String = (1..count).map(|at| format!("X-{at}: y\r\n")).collect();
    format!("GET /echo HTTP/1.1\r\nHost: a\r\n{more}\r\n")
}

/// A target of so many bytes.
fn target(length: usize) -> String {
    let path = "/echo/";
    format!("GET {path}{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(length - path.len()))
}

/// A body that says its length.
fn sized(length: usize) -> String {
    let body = "x".repeat(length);
    format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// The same without a byte of it.
fn announced(length: usize) -> String {
    format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n")
}

/// A body of so many bytes in chunks of 100, or fewer at its end.
fn chunked(length: usize) -> String {
    let mut request =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
    let sizes = (0..length).step_by(100).map(|begin| 100.min(length - begin));
    for size in sizes {
        request.push_str(&format!("{size:x}\r\n{}\r\n", "x".repeat(size)));
    }
    request + "0\r\n\r\n"
}

#[test]
fn a_request_may_be_as_large_as_the_limit_and_not_larger() {
    #[rustfmt::skip]
    let rows = [
        // what                         request           status
        ("a head of max-head",          head(2048),       200),
        ("one byte too many",           head(2049),       431),
        ("far too many",                head(200_000),    431),
        ("max-fields",                  fields(20),       200),
        ("one field too many",          fields(21),       431),
        ("a target of max-uri",         target(100),      200),
        ("one byte too long",           target(101),      414),
        ("a body of max-body",          sized(1000),      200),
        ("one byte above",              sized(1001),      413),
        ("announced, and never sent",   announced(1001),  413),
        ("chunks of max-body",          chunked(1000),    200),
        ("one byte above in chunks",    chunked(1001),    413),
        ("far above in chunks",         chunked(100_000), 413),
        ("no body",                     sized(0),         200),
    ];
    // At the web tier's door they hold for both: what it lets through, with what it adds, the app
    // tier takes.
    doors::each(LIMITS, |door| {
        for (what, request, status) in &rows {
            let mut client = door.client();
            client.send(request);
            door.expect(what, &mut client, *status);
        }
    });
}

#[test]
fn a_body_above_its_limit_is_refused_before_all_of_it_was_sent() {
    doors::each(LIMITS, |door| {
        let mut client = door.client();
        client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        client.send(format!("3e8\r\n{}\r\n1\r\nx", "x".repeat(1000)));
        // Neither the end of the second chunk nor the last one ever comes.
        door.expect("a chunk too many", &mut client, 413);
    });
}
