//! A server that came back a moment ago: all of its own sessions, few of the new ones.

use copal_protocol::state::State;
use copal_testkit::call::Call;
use copal_testkit::deadline::Deadline;
use copal_testkit::origin::Origin;
use copal_testkit::port::Port;
use copal_testkit::step::{Step, ok};

use crate::farm::{self, bound, count, visits};

#[test]
fn a_server_that_came_back_gets_less_than_its_share_and_all_that_is_bound() {
    let place = Port::take();
    let answering_a = |_: &Call| vec![Step::Send(ok("a"))];
    let (a, b) = (Origin::start_at(&place, answering_a), Origin::answering("b"));
    let times = "load-balance-recover-time = \"1s\"\nload-balance-warmup-time = \"1h\"";
    let servers = [(a.port(), times), (b.port(), times)];
    let cluster = farm::start(farm::foreign("", &servers));
    assert_eq!(bound(&cluster), "a");
    assert_eq!(count(&visits(&cluster, 10), "a"), 5);
    drop(a);
    assert_eq!(bound(&cluster), "b");
    cluster.wait_state("web-a", "a", State::Down);
    let _a = Origin::start_at(&place, answering_a);
    let deadline = Deadline::after(Origin::PATIENCE);
    deadline.keep_asking("a is used again", || bound(&cluster) == "a");
    let seen = cluster.desk("web-a").server("a");
    assert_eq!((seen.state, seen.weight), (State::Warming, 100), "{seen:?}");
    // A tenth of a share, beside a whole one: one in eleven.
    let new = visits(&cluster, 110);
    let share = count(&new, "a");
    assert!((9..=12).contains(&share), "{share} of 110");
    for _ in 0..10 {
        assert_eq!(bound(&cluster), "a");
    }
}

#[test]
fn where_nothing_is_to_be_warmed_it_gets_its_share_at_once() {
    let place = Port::take();
    let answering_a = |_: &Call| vec![Step::Send(ok("a"))];
    let (a, b) = (Origin::start_at(&place, answering_a), Origin::answering("b"));
    let times = "load-balance-recover-time = \"1s\"\nload-balance-warmup-time = \"0s\"";
    let cluster = farm::start(farm::foreign("", &[(a.port(), times), (b.port(), times)]));
    assert_eq!(bound(&cluster), "a");
    drop(a);
    assert_eq!(bound(&cluster), "b");
    let _a = Origin::start_at(&place, answering_a);
    let deadline = Deadline::after(Origin::PATIENCE);
    deadline.keep_asking("a is used again", || bound(&cluster) == "a");
    assert_eq!(cluster.desk("web-a").server("a").state, State::Ready);
    assert_eq!(count(&visits(&cluster, 10), "a"), 5);
}
