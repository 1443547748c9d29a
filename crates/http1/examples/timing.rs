//! Times the reading of a usual request head and response head:
//! `cargo run --release -p copal-http1 --example timing`.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a tool for the one who runs it")]
#![expect(clippy::disallowed_methods, reason = "this tool reads the clock")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use copal_http1::limits::HeadLimits;
use copal_http1::request_head::RequestHead;
use copal_http1::response_head::{ResponseHead, ResponseLimits};

const REQUEST: &[u8] = b"GET /shop/list?page=2&sort=price HTTP/1.1\r\nHost: www.example.com\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n\
Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n\
Accept-Encoding: gzip, deflate, br\r\nReferer: https://www.example.com/\r\n\
Connection: keep-alive\r\nCookie: JSESSIONID=abcXYZ0123456789abcdefgh; theme=dark\r\n\
Upgrade-Insecure-Requests: 1\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n";

const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
Server: example\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 1024\r\n\
Cache-Control: no-store\r\n\r\n";

fn main() {
    let limits = HeadLimits { max_head: 32 << 10, max_fields: 100, max_uri: 8 << 10 };
    time("request head of 10 fields", || {
        let head = RequestHead::parse(black_box(REQUEST), &limits).unwrap().unwrap();
        head.length + black_box(&head).fields.len()
    });
    let limits = ResponseLimits { max_head: 64 << 10, lenient: false };
    time("response head of 5 fields", || {
        let head = ResponseHead::parse(black_box(RESPONSE), false, &limits).unwrap().unwrap();
        head.length + black_box(&head).fields.len()
    });
}

/// Prints the shortest mean of several rounds: the least disturbed one.
fn time(what: &str, mut run: impl FnMut() -> usize) {
    const TIMES: u32 = 100_000;
    let round = |run: &mut dyn FnMut() -> usize| {
        let begin = Instant::now();
        for _ in 0..TIMES {
            black_box(run());
        }
        begin.elapsed() / TIMES
    };
    let shortest = (0..20).map(|_| round(&mut run)).min().unwrap_or(Duration::MAX);
    println!("{what}: {} ns", shortest.as_nanos());
}
