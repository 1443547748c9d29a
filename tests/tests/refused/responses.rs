//! Row 63: what a backend may answer wrongly.

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, Trouble, get};
use copal_testkit::response::Response;
use copal_testkit::step::{Step, ok};

use crate::report;
use crate::web_tier::balancer;

/// What the client must see of a wrong response.
enum Seen {
    /// 502, and the connection may go on.
    BadGateway,
    /// The connection is broken off, in the body of a 200 or before it: never a clean end.
    BrokenOff,
}

struct Wrong {
    what: &'static str,
    steps: Vec<Step>,
    method: &'static str,
    seen: Seen,
}

fn wrong(what: &'static str, response: impl Into<Vec<u8>>, seen: Seen) -> Wrong {
    Wrong { what, steps: vec![Step::Send(response.into())], method: "GET", seen }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\n";

/// Whole responses that are wrong in their head.
fn wrong_heads() -> Vec<Wrong> {
    let two_framings = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let two_lengths = "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab";
    let large = format!("{HEAD}X: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(1 << 20));
    let heads = [
        ("length and chunked", format!("{HEAD}{two_framings}")),
        ("two lengths", format!("{HEAD}{two_lengths}")),
        ("junk before the status", format!("junk\r\n{HEAD}\r\n")),
        ("not HTTP at all", "220 mail.example ESMTP\r\n\r\n".to_owned()),
        ("an unknown coding", format!("{HEAD}Transfer-Encoding: gzip\r\n\r\n")),
        ("bare LF", "HTTP/1.1 200 OK\nContent-Length: 4\n\ngood".to_owned()),
        ("a head of 1 MB", large),
    ];
    heads.map(|(what, response)| wrong(what, response, Seen::BadGateway)).into()
}

/// Responses that end too early or never.
fn broken_off() -> Vec<Wrong> {
    let interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".to_vec();
    let endless = vec![Step::Repeat(interim, 100_000), Step::Close];
    let cut = |rest: &str| vec![Step::Send(format!("{HEAD}{rest}").into_bytes()), Step::Close];
    let rows = [
        ("endless interim responses", endless, "GET", Seen::BadGateway),
        ("no answer at all", vec![Step::Close], "POST", Seen::BadGateway),
        ("half a head", cut("Content-Le"), "POST", Seen::BadGateway),
        ("a cut body", cut("Content-Length: 10\r\n\r\nhalf"), "GET", Seen::BrokenOff),
        ("a cut chunk", cut("Transfer-Encoding: chunked\r\n\r\n5\r\nha"), "GET", Seen::BrokenOff),
    ];
    rows.map(|(what, steps, method, seen)| Wrong { what, steps, method, seen }).into()
}

/// Responses that go on where they should end.
fn too_much() -> Vec<Wrong> {
    let bad_chunk = format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n2\r\nha\r\nxyz\r\n");
    let extra = [ok("good"), ok("evil")].concat();
    let after_head =
        Wrong { method: "HEAD", ..wrong("a body after HEAD", ok("evil"), Seen::BadGateway) };
    vec![
        wrong("a chunk size that is none", bad_chunk, Seen::BadGateway),
        wrong("extra bytes after the end", extra, Seen::BadGateway),
        wrong("204 with a body", "HTTP/1.1 204 No Content\r\n\r\nevil", Seen::BadGateway),
        after_head,
    ]
}

fn answer(row: &Wrong, client: &mut Raw) -> Result<Response, Trouble> {
    if row.method == "HEAD" { client.response_to_head() } else { client.response() }
}

fn check(row: &Wrong, client: &mut Raw) -> Result<(), String> {
    client.send(format!("{} /wrong HTTP/1.1\r\nHost: a\r\n\r\n", row.method));
    match row.seen {
        Seen::BadGateway => match answer(row, client) {
            Ok(response) if response.status == 502 => Ok(()),
            other => Err(format!("expected 502, got {other:?}")),
        },
        Seen::BrokenOff => {
            let got = client.read_until_close().map_err(|trouble| trouble.to_string())?;
            let text = String::from_utf8_lossy(&got).into_owned();
            // Nothing at all is broken off too: the head may not have left yet.
            let clean = text.ends_with("0\r\n\r\n")
                || !(text.is_empty() || text.starts_with("HTTP/1.1 200"));
            if clean { Err(format!("not broken off: {text:?}")) } else { Ok(()) }
        }
    }
}

/// The origin answers `/wrong` by the script and everything else well.
fn origin(steps: &[Step]) -> Origin {
    let steps = steps.to_vec();
    Origin::start(move |call| {
        if call.head.contains(" /wrong ") { steps.clone() } else { vec![Step::Send(ok("good"))] }
    })
}

#[test]
fn row_63_a_wrong_response_never_ends_well_and_its_connection_is_never_used_again() {
    let mut failures = Vec::new();
    for row in [wrong_heads(), broken_off(), too_much()].into_iter().flatten() {
        let origin = origin(&row.steps);
        let cluster: Cluster = balancer(&origin);
        let mut client = Raw::connect(cluster.port(8080));
        if let Err(why) = check(&row, &mut client) {
            failures.push(format!("{}: {why}", row.what));
        }
        let tainted = origin.calls().last().map(|call| call.connection);
        for _ in 0..4 {
            let next = get(cluster.port(8080), "/good");
            if (next.status, next.text().as_str()) != (200, "good") {
                failures.push(format!("{}: then {next:?}", row.what));
            }
        }
        let calls = origin.calls();
        let mut good = calls.iter().filter(|call| call.head.contains(" /good "));
        if good.any(|call| Some(call.connection) == tainted) {
            failures.push(format!("{}: its connection was used again", row.what));
        }
    }
    report(&failures);
}

#[test]
fn a_lenient_web_tier_passes_an_unknown_coding_on() {
    let origin = Origin::start(|_| {
        let response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nwhatever";
        vec![Step::Send(response.into()), Step::Close]
    });
    let text = format!("[limits]\nlenient-responses = true\n{}", copal_testkit::recipe::BALANCER);
    let recipe = copal_testkit::recipe::Recipe::text(&text).with_port(9001, origin.port());
    let cluster = Cluster::start(recipe);
    let response = get(cluster.port(8080), "/");
    assert_eq!((response.status, response.text().as_str()), (200, "whatever"), "{response:?}");
}
