//! Inputs that were used against servers, with the answer that is right here.

/// A stream of requests.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) input: Vec<u8>,
    /// Requests that are read before the stream ends or is refused.
    pub(crate) messages: usize,
    /// The status of the refusal; 200 when all is well.
    pub(crate) status: u16,
}

/// Name, request line with a `\n` for every line end, fields and body; requests read; status.
type Line = (&'static str, &'static str, usize, u16);

/// `\n` stands for CR LF, `$` for a bare LF, `^` for a bare CR.
#[rustfmt::skip]
const HOSTS: &[Line] = &[
    ("good", "GET / HTTP/1.1\nHost: a\n\n", 1, 200),
    ("no Host", "GET / HTTP/1.1\n\n", 0, 400),
    ("no Host in 1.0", "GET / HTTP/1.0\n\n", 1, 200),
    ("two equal Hosts", "GET / HTTP/1.1\nHost: a\nHost: a\n\n", 0, 400),
    ("two different Hosts", "GET / HTTP/1.1\nHost: a\nhost: b\n\n", 0, 400),
    ("two Hosts in 1.0", "GET / HTTP/1.0\nHost: a\nhost: b\n\n", 0, 400),
    ("Host with a path", "GET / HTTP/1.1\nHost: a/b\n\n", 0, 400),
    ("Host with userinfo", "GET / HTTP/1.1\nHost: u@a\n\n", 0, 400),
    ("empty Host", "GET / HTTP/1.1\nHost:\n\n", 0, 400),
    ("empty Host in 1.0", "GET / HTTP/1.0\nHost: \n\n", 0, 400),
    ("a list of Hosts", "GET / HTTP/1.1\nHost: a, b\n\n", 0, 400),
    ("a tight list of Hosts", "GET / HTTP/1.1\nHost: a,b\n\n", 0, 400),
    ("Host with a bad port", "GET / HTTP/1.1\nHost: a:0\n\n", 0, 400),
    ("Host with a port", "GET / HTTP/1.1\nHost: a:80\n\n", 1, 200),
    ("Host in IPv6", "GET / HTTP/1.1\nHost: [::1]:80\n\n", 1, 200),
    ("absolute target", "GET http://x/ HTTP/1.1\nHost: a\n\n", 1, 200),
    ("absolute target without Host", "GET http://x/ HTTP/1.1\n\n", 0, 400),
    ("absolute target, bad Host", "GET http://x/ HTTP/1.1\nHost: a/b\n\n", 0, 400),
    ("absolute target, userinfo", "GET http://u@x/ HTTP/1.1\nHost: x\n\n", 0, 400),
];

#[rustfmt::skip]
const FRAMING: &[Line] = &[
    ("CL, TE", "POST / HTTP/1.1\nHost: a\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\nGET /x HTTP/1.1\nHost: a\n\n", 0, 400),
    ("TE, CL", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nContent-Length: 5\n\n0\n\nGET /x HTTP/1.1\nHost: a\n\n", 0, 400),
    ("CL twice", "POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 1\n\nx", 0, 400),
    ("two CLs", "POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2\n\nxx", 0, 400),
    ("a list of CLs", "POST / HTTP/1.1\nHost: a\nContent-Length: 1, 1\n\nx", 0, 400),
    ("CL +1", "POST / HTTP/1.1\nHost: a\nContent-Length: +1\n\nx", 0, 400),
    ("CL -1", "POST / HTTP/1.1\nHost: a\nContent-Length: -1\n\nx", 0, 400),
    ("CL 0x1", "POST / HTTP/1.1\nHost: a\nContent-Length: 0x1\n\nx", 0, 400),
    ("CL 1_0", "POST / HTTP/1.1\nHost: a\nContent-Length: 1_0\n\n0123456789", 0, 400),
    ("CL empty", "POST / HTTP/1.1\nHost: a\nContent-Length:\n\n", 0, 400),
    ("CL of 23 digits", "POST / HTTP/1.1\nHost: a\nContent-Length: 11111111111111111111111\n\n", 0, 400),
    ("CL 010", "POST / HTTP/1.1\nHost: a\nContent-Length: 010\n\n0123456789", 0, 400),
    ("CL 0", "POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n", 1, 200),
    ("CL with white space", "POST / HTTP/1.1\nHost: a\nContent-Length: \t1 \t\n\nx", 1, 200),
    ("Content_Length is another field", "POST / HTTP/1.1\nHost: a\nContent_Length: 5\n\n", 1, 200),
    ("TE ,chunked", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: ,chunked\n\n0\n\n", 0, 400),
    ("TE gzip, chunked", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n0\n\n", 0, 501),
    ("TE twice", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n", 0, 400),
    ("TE identity, TE chunked", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: identity\nTransfer-Encoding: chunked\n\n0\n\n", 0, 400),
    ("TE chunked, TE identity", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\nTransfer-Encoding: identity\n\n0\n\n", 0, 400),
    ("TE chunked, identity", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked, identity\n\n0\n\n", 0, 400),
    ("TE xchunked", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: xchunked\n\n0\n\n", 0, 400),
    ("TE \"chunked\"", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: \"chunked\"\n\n0\n\n", 0, 400),
    ("TE chunked;a=b", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked;a=b\n\n0\n\n", 0, 400),
    ("TE with a vertical tab", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: \x0bchunked\n\n0\n\n", 0, 400),
    ("TE with a wide space", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: \u{a0}chunked\n\n0\n\n", 0, 400),
    ("TE empty", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding:\n\n0\n\n", 0, 400),
    ("TE with a space before the colon", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding : chunked\n\n0\n\n", 0, 400),
    ("TE in 1.0", "POST / HTTP/1.0\nHost: a\nTransfer-Encoding: chunked\n\n0\n\n", 0, 400),
    ("TE Chunked", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: \tChunked \n\n0\n\n", 1, 200),
];

#[rustfmt::skip]
const CHUNKS: &[Line] = &[
    ("size 0x5", "0x5\nhello\n0\n\n", 0, 400),
    ("size +5", "+5\nhello\n0\n\n", 0, 400),
    ("size 0_2", "0_2\nhe\n0\n\n", 0, 400),
    ("size empty", "\nhello\n0\n\n", 0, 400),
    ("size after a space", " 5\nhello\n0\n\n", 0, 400),
    ("size before a space", "5 \nhello\n0\n\n", 0, 400),
    ("size of 17 digits", "fffffffffffffffff\nhello\n0\n\n", 0, 400),
    ("size of 16 digits", "0000000000000005\nhello\n0\n\n", 0, 400),
    ("size of 15 digits", "000000000000005\nhello\n0\n\n", 1, 200),
    ("size line ends with LF", "5$hello\n0\n\n", 0, 400),
    ("LF after the data", "5\nhello$0\n\n", 0, 400),
    ("LF in an extension", "5;a$b\nhello\n0\n\n", 0, 400),
    ("last chunk ends with LF", "5\nhello\n0$\n", 0, 400),
    ("last line ends with LF", "5\nhello\n0\n$", 0, 400),
    ("CR twice after the size", "5^\n;ABCD\n0\n\n", 0, 400),
    ("CR and more after the size", "5^^;ABCD\n0\n\n", 0, 400),
    ("CR in an extension", "5;a^b\nhello\n0\n\n", 0, 400),
    ("NUL in an extension", "5;a\0b\nhello\n0\n\n", 0, 400),
    ("size is too small", "4\nhello\n0\n\n", 0, 400),
    ("size is too large", "6\nhello\n0\n\n", 0, 400),
    ("extension", "5;a=b\nhello\n0\n\n", 1, 200),
    ("extension with a quoted value", "5;a=\"b c\"\nhello\n0;x\n\n", 1, 200),
    ("extension that is none", "5; a?\"b=\nhello\n0\n\n", 1, 200),
    ("capital size", "A\n0123456789\n0\n\n", 1, 200),
    ("several zeroes", "5\nhello\n000\n\n", 1, 200),
    ("trailers that would frame", "5\nhello\n0\nContent-Length: 5\nHost: evil\nTransfer-Encoding: chunked\n\n", 1, 200),
    ("a trailer that is an odd length", "5\nhello\n0\nContent-Length: x\n\n", 1, 200),
    ("a request as a trailer", "5\nhello\n0\nX:POST / HTTP/1.1\n\n", 1, 200),
    ("trailer without a colon", "5\nhello\n0\nX\n\n", 0, 400),
    ("trailer without a name", "5\nhello\n0\n: a\n\n", 0, 400),
    ("trailer, folded", "5\nhello\n0\nA: b\n c\n\n", 0, 400),
    ("trailer, space before the colon", "5\nhello\n0\nA : b\n\n", 0, 400),
    ("trailer with a bare CR", "5\nhello\n0\nA: b^c\n\n", 0, 400),
    ("trailer with a bare LF", "5\nhello\n0\nA: b$\n", 0, 400),
    ("trailer with a NUL", "5\nhello\n0\nA: \0\n\n", 0, 400),
    ("two messages", "5\nhello\n0\n\nGET / HTTP/1.1\nHost: a\n\n", 2, 200),
];

#[rustfmt::skip]
const FIELDS: &[Line] = &[
    ("all lines end with LF", "GET / HTTP/1.1$Host: a$$", 0, 400),
    ("a field ends with LF", "GET / HTTP/1.1\nHost: a$\n", 0, 400),
    ("the head ends with LF", "GET / HTTP/1.1\nHost: a\n$", 0, 400),
    ("bare CR in a value", "GET / HTTP/1.1\nHost: a\nX: a^b\n\n", 0, 400),
    ("NUL in a value", "GET / HTTP/1.1\nHost: a\nX: a\0b\n\n", 0, 400),
    ("control character in a value", "GET / HTTP/1.1\nHost: a\nX: a\x01b\n\n", 0, 400),
    ("DEL in a value", "GET / HTTP/1.1\nHost: a\nX: a\x7fb\n\n", 0, 400),
    ("8 bits in a value", "GET / HTTP/1.1\nHost: a\nX: \u{ff}\n\n", 1, 200),
    ("tab in a value", "GET / HTTP/1.1\nHost: a\nX: a\tb\n\n", 1, 200),
    ("empty value", "GET / HTTP/1.1\nHost: a\nX:\nY: \t\n\n", 1, 200),
    ("space before the colon", "GET / HTTP/1.1\nHost : a\n\n", 0, 400),
    ("empty name", "GET / HTTP/1.1\nHost: a\n: b\n\n", 0, 400),
    ("no colon", "GET / HTTP/1.1\nHost: a\nX\n\n", 0, 400),
    ("space before the first field", "GET / HTTP/1.1\n Host: a\n\n", 0, 400),
    ("CR LF CR X", "GET / HTTP/1.1\nHost: a\n^X", 0, 400),
    ("obs-fold", "GET / HTTP/1.1\nHost: a\nX: a\n b\n\n", 0, 400),
    ("obs-fold with a tab", "GET / HTTP/1.1\nHost: a\nX: a\n\tb\n\n", 0, 400),
    ("odd name", "GET / HTTP/1.1\nHost: a\nX(: b\n\n", 0, 400),
    ("8 bits in a name", "GET / HTTP/1.1\nHost: a\nX\u{e9}: b\n\n", 0, 400),
    ("underscores", "GET / HTTP/1.1\nHost: a\nX_Forwarded_For: 1.2.3.4\n\n", 1, 200),
    ("Expect", "POST / HTTP/1.1\nHost: a\nExpect: 100-Continue\nContent-Length: 1\n\nx", 1, 200),
    ("Expect something", "POST / HTTP/1.1\nHost: a\nExpect: y 100-continue\n\n", 0, 417),
    ("Expect twice", "POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nExpect: 100-continue\n\n", 0, 417),
    ("Expect, empty", "POST / HTTP/1.1\nHost: a\nExpect:\n\n", 0, 417),
    ("Expect in 1.0", "POST / HTTP/1.0\nHost: a\nExpect: 100-continue\nContent-Length: 1\n\nx", 1, 200),
    ("Upgrade h2c", "GET / HTTP/1.1\nHost: a\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk\n\nGET /x HTTP/1.1\nHost: a\n\n", 2, 200),
    ("nominated", "GET / HTTP/1.1\nHost: a\nConnection: X-Forwarded-For, Content-Length, Cookie\nContent-Length: 1\n\nx", 1, 200),
];

#[rustfmt::skip]
const LINES: &[Line] = &[
    ("HTTP/0.9", "GET /\n", 0, 400),
    ("HTTP/0.9 with a space", "GET / \n", 0, 400),
    ("HTTP/0.9 by name", "GET / HTTP/0.9\nHost: a\n\n", 0, 400),
    ("HTTP/1.2", "GET / HTTP/1.2\nHost: a\n\n", 0, 505),
    ("HTTP/2.0", "GET / HTTP/2.0\nHost: a\n\n", 0, 505),
    ("http/1.1", "GET / http/1.1\nHost: a\n\n", 0, 400),
    ("HTTP/1.10", "GET / HTTP/1.10\nHost: a\n\n", 0, 400),
    ("HTTP/1", "GET / HTTP/1\nHost: a\n\n", 0, 400),
    ("HTTP/1,1", "GET / HTTP/1,1\nHost: a\n\n", 0, 400),
    ("space after the version", "GET / HTTP/1.1 \nHost: a\n\n", 0, 400),
    ("two spaces", "GET  / HTTP/1.1\nHost: a\n\n", 0, 400),
    ("two spaces before the version", "GET /  HTTP/1.1\nHost: a\n\n", 0, 400),
    ("tab", "GET\t/ HTTP/1.1\nHost: a\n\n", 0, 400),
    ("tab before the version", "GET /\tHTTP/1.1\nHost: a\n\n", 0, 400),
    ("space before the method", " GET / HTTP/1.1\nHost: a\n\n", 0, 400),
    ("space in the target", "GET /a b HTTP/1.1\nHost: a\n\n", 0, 400),
    ("quotes in the target", "GET /a\"{} HTTP/1.1\nHost: a\n\n", 0, 400),
    ("8 bits in the target", "GET /\u{e9} HTTP/1.1\nHost: a\n\n", 0, 400),
    ("NUL in the target", "GET /\0 HTTP/1.1\nHost: a\n\n", 0, 400),
    ("fragment", "GET /a#b HTTP/1.1\nHost: a\n\n", 0, 400),
    ("%00", "GET /%00 HTTP/1.1\nHost: a\n\n", 0, 400),
    ("%zz", "GET /%zz HTTP/1.1\nHost: a\n\n", 0, 400),
    ("%", "GET /% HTTP/1.1\nHost: a\n\n", 0, 400),
    ("dot segments are not for here", "GET /a/../%2e%2e/b//c HTTP/1.1\nHost: a\n\n", 1, 200),
    ("relative target", "GET foo HTTP/1.1\nHost: a\n\n", 0, 400),
    ("@evil/", "GET @evil/ HTTP/1.1\nHost: a\n\n", 0, 400),
    ("GET *", "GET * HTTP/1.1\nHost: a\n\n", 0, 400),
    ("OPTIONS *", "OPTIONS * HTTP/1.1\nHost: a\n\n", 1, 200),
    ("CONNECT", "CONNECT a:443 HTTP/1.1\nHost: a\n\n", 0, 405),
    ("TRACE", "TRACE / HTTP/1.1\nHost: a\n\n", 0, 405),
    ("bad TRACE", "TRACE / HTTP/1.1\n\n", 0, 400),
    ("method get", "get / HTTP/1.1\nHost: a\n\n", 1, 200),
    ("method G!#%", "G!#% / HTTP/1.1\nHost: a\n\n", 1, 200),
    ("method G(", "G( / HTTP/1.1\nHost: a\n\n", 0, 400),
    ("long method", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\nHost: a\n\n", 0, 400),
    ("body with GET", "GET / HTTP/1.1\nHost: a\nContent-Length: 3\n\nabcGET /x HTTP/1.1\nHost: a\n\n", 2, 200),
    ("Upgrade foo", "GET / HTTP/1.1\nHost: a\nConnection: upgrade\nUpgrade: foo\n\n", 1, 200),
    ("short body", "POST / HTTP/1.1\nHost: a\nContent-Length: 10\n\nabc", 0, 200),
    ("close", "GET / HTTP/1.1\nHost: a\nConnection: close\n\nGET / HTTP/1.1\nHost: a\n\n", 1, 200),
    ("PROXY", "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n", 0, 400),
    ("HTTP/2 preface", "PRI * HTTP/2.0\n\nSM\n\n", 0, 400),
    ("TLS", "\x16\x03\x01\x02", 0, 400),
    ("empty lines first", "\n\nGET / HTTP/1.1\nHost: a\n\n", 1, 200),
    ("too many empty lines", "\n\n\n\n\n", 0, 400),
    ("empty line with LF", "$GET / HTTP/1.1\nHost: a\n\n", 0, 400),
];

/// A line of a table as bytes.
fn bytes(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for letter in text.chars() {
        match letter {
            '\n' => bytes.extend_from_slice(b"\r\n"),
            '$' => bytes.push(b'\n'),
            '^' => bytes.push(b'\r'),
            _ => bytes.push(u8::try_from(u32::from(letter)).unwrap()),
        }
    }
    bytes
}

/// All rows.
pub(crate) fn rows() -> Vec<Row> {
    let post = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut rows = Vec::new();
    for (prefix, lines) in
        [(&b""[..], HOSTS), (b"", FRAMING), (post, CHUNKS), (b"", FIELDS), (b"", LINES)]
    {
        for &(name, text, messages, status) in lines {
            let input = [prefix, &bytes(text)].concat();
            rows.push(Row { name: name.to_owned(), input, messages, status });
        }
    }
    rows.extend(long_rows());
    rows
}

/// Rows on both sides of every limit.
fn long_rows() -> Vec<Row> {
    let row = |name: &str, input: String, status: u16| Row {
        name: name.to_owned(),
        input: input.into_bytes(),
        messages: usize::from(status == 200),
        status,
    };
    let with_fields =
        |count: usize| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: a\r\n".repeat(count - 1));
    let with_target =
        |length: usize| format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(length - 1));
    let with_head = |length: usize| {
        let (front, back) = ("GET / HTTP/1.1\r\nHost: a\r\nX: ", "\r\n\r\n");
        format!("{front}{}{back}", "a".repeat(length - front.len() - back.len()))
    };
    vec![
        row("100 fields", with_fields(100), 200),
        row("101 fields", with_fields(101), 431),
        row("1001 fields", with_fields(1001), 431),
        row("target of 8 KB", with_target(8 << 10), 200),
        row("target of 8 KB and a byte", with_target((8 << 10) + 1), 414),
        row("target of 70 KB", with_target(70 << 10), 414),
        row("head of 32 KB", with_head(32 << 10), 200),
        row("head of 32 KB and a byte", with_head((32 << 10) + 1), 431),
        row("head of 300 KB", with_head(300 << 10), 431),
        row("endless head", with_head(300 << 10).trim_end().to_owned(), 431),
        row("endless target", "GET /".to_owned() + &"a".repeat(300 << 10), 414),
        row("endless method", "A".repeat(300 << 10), 400),
    ]
}
