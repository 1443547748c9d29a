//! When many servers fail many requests, only some of these are sent again.

use copal_testkit::origin::Origin;
use copal_testkit::raw::Raw;
use copal_testkit::step::{Step, ok};

use crate::farm::{self, BOUND, request};
use crate::prometheus::Samples;

#[test]
fn a_fifth_of_the_requests_may_be_sent_again_and_not_more() {
    // Every other answer is good, so that it is not taken for a server that is down.
    let a = Origin::start(|call| {
        if call.request_line().contains("/bad") {
            return vec![Step::Close];
        }
        vec![Step::Send(ok("a"))]
    });
    let b = Origin::answering("b");
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    let mut client = Raw::connect(cluster.port(8080));
    let (mut good, mut bad) = (0_u32, 0_u32);
    let rounds = 300_u32;
    for round in 0..rounds {
        client.send(request("GET", &format!("/bad{BOUND}"), ""));
        match client.response().expect("an answer").status {
            200 => good += 1,
            502 => bad += 1,
            other => panic!("{other} in round {round}"),
        }
        if round < 3 {
            assert_eq!(bad, 0, "three may always be sent again");
        }
        client.send(request("GET", &format!("/good{BOUND}"), ""));
        assert_eq!(client.response().expect("an answer").text(), "a", "round {round}");
    }
    let figures = Samples::read(&cluster.desk("web-a").get("/metrics").text());
    let again = |reason| figures.value("copal_web_second_tries_total", &[("reason", reason)]);
    let refused = figures.value("copal_web_second_tries_refused_total", &[]);
    assert_eq!((again("no-answer"), refused), (f64::from(good), f64::from(bad)));
    assert_eq!(b.calls().len(), good as usize);
    for reason in ["unreached", "down", "not-begun", "unavailable"] {
        assert!(again(reason).abs() < f64::EPSILON, "{reason}");
    }
    // Of 600 requests 120, and 3 at the beginning.
    assert!((100..=123).contains(&good), "{good} of {rounds}");
    let failures = cluster.desk("web-a").server("a").failures;
    assert_eq!(failures, u64::from(rounds), "each failed try counts");
}
