//! Health checks: so many failed ones in a row end a server's service, so many passed ones begin
//! it again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::step::{Step, ok};

use crate::farm::{self, bound, count, visits};

/// A server that answers visitors well, and of its next checks so many badly and then so many
/// well, round and round, until another rhythm is set.
struct Checked {
    origin: Origin,
    /// How many checks in a row are answered badly.
    bad: Arc<AtomicUsize>,
    /// And how many well afterwards.
    good: Arc<AtomicUsize>,
}

impl Checked {
    fn start() -> Self {
        let (bad, good) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(1)));
        let (bad_ones, good_ones) = (Arc::clone(&bad), Arc::clone(&good));
        let at = AtomicUsize::new(0);
        let origin = Origin::start(move |call| {
            if !call.request_line().contains("/health") {
                return vec![Step::Send(ok("a"))];
            }
            let bad = bad_ones.load(Ordering::SeqCst);
            let round = bad + good_ones.load(Ordering::SeqCst);
            if at.fetch_add(1, Ordering::SeqCst) % round < bad {
                let answer = "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n";
                return vec![Step::Send(answer.into())];
            }
            vec![Step::Send(ok("well"))]
        });
        Self { origin, bad, good }
    }

    fn answers(&self, bad: usize, good: usize) {
        self.bad.store(bad, Ordering::SeqCst);
        self.good.store(good, Ordering::SeqCst);
    }

    /// Waits for so many more checks.
    fn wait_checks(&self, count: usize) {
        self.origin.wait_calls(self.origin.calls().len() + count);
    }
}

fn start(a: &Checked, b: &Origin) -> Cluster {
    let check = "load-balance-warmup-time = \"0s\"\n\
                 health-check = { path = \"/health\", interval = \"20ms\", timeout = \"20ms\", fall = 3, rise = 3 }";
    // A stalled machine must not fail checks by itself.
    let check = check.replace("20ms\", timeout = \"20ms", "50ms\", timeout = \"50ms");
    farm::start(farm::foreign("", &[(a.origin.port(), &check), (b.port(), "")]))
}

#[test]
fn so_many_in_a_row_it_takes_to_fall_and_to_rise() {
    let (a, b) = (Checked::start(), Origin::answering("b"));
    let cluster = start(&a, &b);
    let state = || cluster.desk("web-a").server("a").state;
    a.answers(2, 1);
    a.wait_checks(12);
    assert!(!cluster.server("web-a").log().contains("is down"), "two in a row are not three");
    assert_eq!((state(), bound(&cluster)), (State::Ready, "a".to_owned()));
    a.answers(1, 0);
    cluster.wait_state("web-a", "a", State::Down);
    assert_eq!(cluster.desk("web-a").server("a").why.as_deref(), Some("failed health checks"));
    assert_eq!(bound(&cluster), "b");
    assert_eq!(visits(&cluster, 4), ["b"; 4]);
    a.answers(1, 2);
    a.wait_checks(12);
    assert!(!cluster.server("web-a").log().contains("up again"), "two in a row are not three");
    assert_eq!(state(), State::Down);
    a.answers(0, 1);
    cluster.wait_state("web-a", "a", State::Ready);
    assert_eq!(bound(&cluster), "a");
    assert_eq!(count(&visits(&cluster, 4), "a"), 2);
    assert_eq!(cluster.desk("web-a").server("a").failures, 0, "no request failed");
}

#[test]
fn a_check_that_is_not_answered_in_time_is_failed() {
    let silent = copal_testkit::gate::Gate::new();
    let gate = silent.clone();
    let a = Origin::start(move |call| {
        if call.request_line().contains("/health") {
            return vec![Step::Wait(gate.clone()), Step::Send(ok("late"))];
        }
        vec![Step::Send(ok("a"))]
    });
    let b = Origin::answering("b");
    let check = "health-check = { path = \"/health\", interval = \"100ms\", timeout = \"100ms\" }";
    let cluster = farm::start(farm::foreign("", &[(a.port(), check), (b.port(), "")]));
    cluster.wait_state("web-a", "a", State::Down);
    assert_eq!(bound(&cluster), "b");
    silent.open();
    cluster.wait_state("web-a", "a", State::Ready);
    assert_eq!(bound(&cluster), "a");
}

#[test]
fn checks_are_asked_as_they_are_written_and_say_who_asks() {
    let a = Checked::start();
    let b = Origin::answering("b");
    let cluster = start(&a, &b);
    a.wait_checks(3);
    let calls = a.origin.calls();
    assert_eq!(calls[0].request_line(), "GET /health HTTP/1.1");
    assert_eq!(calls[0].values("user-agent"), ["copal-health-check"]);
    assert_eq!(calls[0].values("host"), [format!("127.0.0.1:{}", a.origin.port())]);
    let seen = cluster.desk("web-a").server("a");
    assert_eq!((seen.requests, seen.in_flight), (0, 0), "checks are no requests");
    assert_eq!(b.calls().len(), 0, "not checked unless that is written");
}
