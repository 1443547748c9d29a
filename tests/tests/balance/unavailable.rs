//! A 503 of a server that is not ours: nobody knows whether it had begun.

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::step::Step;

use crate::farm::{self, send_bound};

fn unavailable(fields: &'static str, body: &'static str) -> Origin {
    Origin::start(move |_| {
        let length = body.len();
        let answer = format!("HTTP/1.1 503 No\r\n{fields}Content-Length: {length}\r\n\r\n{body}");
        vec![Step::Send(answer.into())]
    })
}

fn foreign(servers: &[&Origin]) -> Cluster {
    let servers: Vec<(u16, &str)> = servers.iter().map(|origin| (origin.port(), "")).collect();
    farm::start(farm::foreign("", &servers))
}

#[test]
fn once_more_if_that_can_do_no_harm() {
    for (method, again) in [("GET", true), ("PUT", true), ("POST", false), ("PATCH", false)] {
        let (a, b) = (unavailable("", "a"), Origin::answering("b"));
        let cluster = foreign(&[&a, &b]);
        let answer = send_bound(&cluster, method, "hello");
        let expected = if again { (200, "b") } else { (503, "a") };
        assert_eq!((answer.status, answer.text().as_str()), expected, "{method}: {answer:?}");
        assert_eq!(b.calls().len(), usize::from(again), "{method}");
        assert_eq!(cluster.desk("web-a").server("a").state, State::Ready);
    }
}

#[test]
fn the_second_one_is_passed_on() {
    let (a, b) = (unavailable("", "a"), unavailable("", "b"));
    let c = Origin::answering("c");
    let cluster = foreign(&[&a, &b, &c]);
    let answer = send_bound(&cluster, "GET", "");
    assert_eq!((answer.status, answer.text().as_str()), (503, "b"), "{answer:?}");
    assert_eq!(c.calls().len(), 0);
}

#[test]
fn a_mark_of_a_stranger_is_not_believed() {
    let (a, b) =
        (unavailable("Copal-Not-Begun: 1\r\nRetry-After: 5\r\n", "a"), Origin::answering("b"));
    let cluster = foreign(&[&a, &b]);
    let answer = send_bound(&cluster, "POST", "hello");
    assert_eq!((answer.status, answer.text().as_str()), (503, "a"), "{answer:?}");
    assert_eq!(answer.field("copal-not-begun"), None, "{answer:?}");
    assert_eq!(b.calls().len(), 0);
    assert_eq!(cluster.desk("web-a").server("a").state, State::Ready, "nor is it busy");
}

#[test]
fn the_budget_holds_for_these() {
    let (a, b) = (unavailable("", "a"), Origin::answering("b"));
    let cluster = foreign(&[&a, &b]);
    let mut texts: Vec<String> = (0..20).map(|_| send_bound(&cluster, "GET", "").text()).collect();
    assert_eq!(texts[..3], ["b", "b", "b"], "three may always be sent again");
    texts.retain(|text| text == "b");
    assert!((3..=4).contains(&texts.len()), "a fifth of 20: {texts:?}");
}
