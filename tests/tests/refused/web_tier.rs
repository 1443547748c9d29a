//! The rows at the door of a web-tier server, with a backend that records every byte.

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::raw::get;
use copal_testkit::recipe::{BALANCER, Recipe};

use crate::row::{Answer, Row};
use crate::verdict::answer_of;
use crate::{report, rows};

/// Starts the web tier before `origin`.
pub(crate) fn balancer(origin: &Origin) -> Cluster {
    Cluster::start(Recipe::text(BALANCER).with_port(9001, origin.port()))
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// What is wrong with what the backend saw of the row.
fn backend_of(row: &Row, origin: &Origin, calls_before: usize, bytes_before: usize) -> Vec<String> {
    let calls = origin.calls().split_off(calls_before);
    let bytes = origin.bytes();
    let new = bytes.get(bytes_before..).unwrap_or_default();
    let mut wrong = Vec::new();
    // Sent by the check itself, to see whether the connection is still good for it.
    let calls: Vec<_> =
        calls.into_iter().filter(|call| !call.request_line().contains("/echo/sane")).collect();
    match &row.answer {
        Answer::Served(count, seen) => {
            if calls.len() != *count || !seen(&calls) {
                wrong.push(format!("the backend saw {calls:?}"));
            }
        }
        Answer::BadBody => {
            if !calls.is_empty() {
                wrong.push(format!("the backend saw a whole request: {calls:?}"));
            }
        }
        Answer::Refused(_) | Answer::RefusedOrClosed(_) | Answer::Own(_) => {
            if !calls.is_empty() || contains(new, &format!("row-{}", row.number)) {
                wrong.push(format!("the backend saw {}", new.escape_ascii()));
            }
        }
    }
    if contains(new, "smuggled") {
        wrong.push("the backend saw the smuggled request".to_owned());
    }
    wrong
}

#[test]
fn every_row_has_its_answer_and_the_next_good_request_works() {
    let origin = Origin::answering("good");
    let cluster = balancer(&origin);
    let port = cluster.port(8080);
    let mut failures = Vec::new();
    for (at, row) in rows().iter().enumerate() {
        let (calls_before, bytes_before) = (origin.calls().len(), origin.bytes().len());
        if let Err(why) = answer_of(row, port) {
            failures.push(format!("{}: {why}", row.name()));
        }
        let wrong = backend_of(row, &origin, calls_before, bytes_before);
        failures.extend(wrong.into_iter().map(|why| format!("{}: {why}", row.name())));
        let good = format!("/echo/good-{at}");
        let response = get(port, &good);
        let last = origin.calls().pop().map(|call| call.request_line().to_owned());
        if response.status != 200 || last != Some(format!("GET {good} HTTP/1.1")) {
            failures.push(format!("{}: then {last:?}, {response:?}", row.name()));
        }
    }
    report(&failures);
}

#[test]
fn row_26_bytes_above_0x7f_are_passed_as_they_are() {
    let origin = Origin::answering("good");
    let cluster = balancer(&origin);
    let mut client = copal_testkit::raw::Raw::connect(cluster.port(8080));
    client.send(b"GET /echo HTTP/1.1\r\nHost: a\r\nX-Obs: a\xffb\r\n\r\n");
    assert_eq!(client.response().map(|response| response.status), Ok(200));
    let bytes = origin.bytes();
    assert!(bytes.windows(3).any(|window| window == b"a\xffb"), "{}", bytes.escape_ascii());
}
