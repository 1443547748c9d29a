//! Rows 37 to 44: paths, other targets, methods.

use copal_testkit::call::Call;

use crate::row::Answer::{Own, Served};
use crate::row::Row;

fn as_b(calls: &[Call]) -> bool {
    calls[0].request_line() == "GET /echo/b HTTP/1.1"
}

/// Rows 37 to 39.
pub(crate) fn paths() -> Vec<Row> {
    vec![
        Row::target(37, "/echo/a/../b", Served(1, as_b)),
        Row::target(37, "/echo/a/%2e%2e/b", Served(1, as_b)),
        Row::target(37, "/echo/a/%2E./b", Served(1, as_b)),
        Row::target(37, "/./echo/./b", Served(1, as_b)),
        Row::target(37, "/../echo/row-37", Own(400)),
        Row::target(37, "/echo/../../row-37", Own(400)),
        Row::target(38, "/echo/row-38/..;/b", Own(400)),
        Row::target(38, "/echo/row-38/..;jsessionid=abc/b", Own(400)),
        Row::target(38, "/echo/row-38/.;x/b", Own(400)),
        Row::target(38, "/echo/row-38/%2e%2e;x/b", Own(400)),
        Row::target(39, "//echo//b", Served(1, as_b)),
        Row::target(39, "/echo/row-39\\b", Own(400)),
        Row::target(39, "/echo/row-39%2fb", Own(400)),
        Row::target(39, "/echo/row-39%2Fb", Own(400)),
        Row::target(39, "/echo/row-39%5cb", Own(400)),
    ]
}

/// Rows 40 to 44.
pub(crate) fn methods() -> Vec<Row> {
    let line = |number, line: &str, answer| {
        Row::new(number, line, format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n"), answer)
    };
    vec![
        line(40, "GET row-40", Own(400)),
        line(40, "GET @row-40/", Own(400)),
        line(40, "GET *", Own(400)),
        line(41, "OPTIONS *", Own(200)),
        line(42, "CONNECT row-42:443", Own(405)),
        line(43, "TRACE /echo/row-43", Own(405)),
        line(
            44,
            "get /echo/row-44",
            Served(1, |calls| calls[0].request_line() == "get /echo/row-44 HTTP/1.1"),
        ),
        line(
            44,
            "G!#$ /echo/row-44",
            Served(1, |calls| calls[0].request_line() == "G!#$ /echo/row-44 HTTP/1.1"),
        ),
        line(44, "G(T /echo/row-44", Own(400)),
    ]
}
