//! Rows 64 to 69: session ids that are odd, and paths that only look like files.

use std::collections::BTreeSet;

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::ask;
use copal_testkit::recipe::Recipe;
use serde_json::Value;

use crate::report;

/// Which server answers, and the path that its application sees.
fn server_of(port: u16, target: &str, fields: &[u8]) -> Result<(String, String), String> {
    let head = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n");
    let response = ask(port, [head.as_bytes(), fields, b"\r\n"].concat());
    let echoed: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    match (&echoed["server"], &echoed["path"]) {
        (Value::String(server), Value::String(path)) => Ok((server.clone(), path.clone())),
        _ => Err(format!("{response:?}")),
    }
}

/// The servers that answer four such requests.
fn servers_of(port: u16, target: &str, fields: &[u8]) -> Result<BTreeSet<String>, String> {
    (0..4).map(|_| Ok(server_of(port, target, fields)?.0)).collect()
}

#[test]
fn row_64_a_cookie_that_names_no_server_is_balanced() {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let long = format!("JSESSIONID={}", "a".repeat(4096));
    let cookies: [&[u8]; 8] = [
        b"JSESSIONID=zzz",
        b"JSESSIONID=A..",
        b"JSESSIONID=1..",
        b"JSESSIONID=",
        b"JSESSIONID=\x80\x80\x80",
        b"JSESSIONID=\"abc\"",
        b"JSESSIONID=ab",
        long.as_bytes(),
    ];
    let both = BTreeSet::from(["app-a".to_owned(), "app-b".to_owned()]);
    let mut failures = Vec::new();
    for cookie in cookies {
        let fields = [b"Cookie: ", cookie, b"\r\n"].concat();
        let servers = servers_of(cluster.port(8080), "/echo", &fields);
        if servers.as_ref() != Ok(&both) {
            let shown = &cookie[..cookie.len().min(30)];
            failures.push(format!("{}: {servers:?}", shown.escape_ascii()));
        }
    }
    report(&failures);
}

/// A request and the only server that may answer it; `None` is any of them in turn.
type Case = (&'static str, &'static str, Option<&'static str>);

const CASES: [Case; 14] = [
    // Row 65: the first cookie of the name counts.
    ("/echo", "Cookie: JSESSIONID=bcd; JSESSIONID=cde\r\n", Some("app-b")),
    ("/echo", "Cookie: JSESSIONID=cde\r\nCookie: JSESSIONID=bcd\r\n", Some("app-c")),
    // Row 66: other names are other cookies.
    ("/echo", "Cookie: XJSESSIONID=bcd\r\n", None),
    ("/echo", "Cookie: a=JSESSIONID=bcd\r\n", None),
    // Row 67: the path beats the cookie for routing.
    ("/echo/p;jsessionid=abc", "Cookie: JSESSIONID=bcd\r\n", Some("app-a")),
    // Row 68: only the literal parameter counts, the first one, in any segment.
    ("/echo/p;JSESSIONID=bcd", "", None),
    ("/echo/p;jsessionid", "", None),
    ("/echo/p;jsessionid=", "", None),
    ("/echo/p%3Bjsessionid=bcd", "", None),
    ("/echo/p;jsessionid=bcd;jsessionid=cde", "", Some("app-b")),
    ("/echo/p;jsessionid=cde/q", "", Some("app-c")),
    ("/echo/p?x=;jsessionid=bcd", "", None),
    // Letters of servers that do not exist are skipped.
    ("/echo/p;jsessionid=zbz", "", Some("app-b")),
    ("/echo/p;jsessionid=xyz", "", None),
];

#[test]
fn rows_65_to_68_name_the_right_server() {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    let all: BTreeSet<String> = ["app-a", "app-b", "app-c"].map(str::to_owned).into();
    let mut failures = Vec::new();
    for (target, fields, server) in CASES {
        let expected = server.map_or_else(|| all.clone(), |only| BTreeSet::from([only.to_owned()]));
        let servers = servers_of(cluster.port(8080), target, fields.as_bytes());
        if servers.as_ref() != Ok(&expected) {
            failures.push(format!("{target} {fields:?}: {servers:?}"));
        }
    }
    report(&failures);
}

#[test]
fn row_68_the_application_never_sees_the_session_parameter() {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    let rows = [
        ("/echo/p;jsessionid=bcd", "/echo/p"),
        ("/echo/p;jsessionid=bcd;jsessionid=cde", "/echo/p"),
        ("/echo/p;jsessionid=cde/q", "/echo/p/q"),
        ("/echo/p;a=b;jsessionid=cde;c=d/q", "/echo/p;a=b;c=d/q"),
        ("/echo/p;JSESSIONID=bcd", "/echo/p;JSESSIONID=bcd"),
    ];
    let mut failures = Vec::new();
    for (target, path) in rows {
        let seen = server_of(cluster.port(8080), target, b"").map(|(_, path)| path);
        if seen != Ok(path.to_owned()) {
            failures.push(format!("{target}: {seen:?}"));
        }
    }
    report(&failures);
}

#[test]
fn row_69_a_parameter_does_not_make_a_file_of_a_private_page() {
    let cluster = Cluster::start(Recipe::example("split_dispatch"));
    let port = cluster.port(8080);
    let seen = server_of(port, "/foo/echo/account;x=.png", b"").map(|(server, _)| server);
    assert_eq!(seen, Ok("foo-a".to_owned()));
    // The path itself looks like a file: the rule, unanchored or not, keeps it on the web tier.
    let kept = copal_testkit::raw::get(port, "/foo/echo/account/x.png");
    assert_eq!(kept.status, 404, "{kept:?}");
}
