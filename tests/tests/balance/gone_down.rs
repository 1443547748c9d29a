//! How often it is said that a server is down, and how long it is shown as that.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::deadline::Deadline;
use copal_testkit::origin::Origin;
use copal_testkit::port::Port;
use copal_testkit::raw::{Raw, get};
use copal_testkit::recipe::Recipe;
use copal_testkit::step::{Step, ok};

use crate::farm::{self, bound};
use crate::seen::server_at;

/// Longer than the first pause of a server that went down, and shorter than the first two.
const PAUSE: Duration = Duration::from_millis(1300);

fn start() -> Cluster {
    let recipe = Recipe::example("one_balancer_two_backends");
    // A stalled machine must not fail checks by itself.
    let check = "[cluster.app-tier.server-default]\nhealth-check = { fall = 60 }\n\n\
        [[cluster.app-tier.web-app]]";
    Cluster::start(recipe.replaced("[[cluster.app-tier.web-app]]", check))
}

/// How many lines of the web server say this of `app-b`.
fn said(cluster: &Cluster, what: &str) -> usize {
    let log = cluster.server("web-a").log();
    log.lines().filter(|line| line.contains(what) && line.contains("app-b")).count()
}

/// Asks on one connection until it is enough. Nobody is ever left without an answer.
fn keep_asking(port: u16, enough: &AtomicBool) {
    let mut client = Raw::connect(port);
    while !enough.load(Ordering::SeqCst) {
        client.send("GET /echo;jsessionid=bac HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = client.response().expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// Lets the clients go, also when the test fails.
struct Enough<'e>(&'e AtomicBool);

impl Drop for Enough<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_server_that_ends_while_it_is_asked_goes_down_once_and_comes_up_once() {
    let mut cluster = start();
    let port = cluster.port(8080);
    let enough = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _enough = Enough(&enough);
        for _ in 0..8 {
            scope.spawn(|| keep_asking(port, &enough));
        }
        cluster.wait_status("web-a", "app-b is asked", |status| {
            copal_testkit::desk::of(status, "app-b").requests > 50
        });
        assert_eq!(cluster.stop("app-b").code(), Some(0));
        cluster.wait_state("web-a", "app-b", State::Down);
        // Meanwhile it is tried again.
        stays_down(&cluster, "app-b", Deadline::after(PAUSE));
        assert_eq!((said(&cluster, "has left"), said(&cluster, "up again")), (1, 0));
        cluster.start_server("app-b");
        let used = cluster.desk("web-a").server("app-b").requests;
        cluster.wait_status("web-a", "app-b is asked again", |status| {
            copal_testkit::desk::of(status, "app-b").requests > used + 50
        });
    });
    assert_eq!((said(&cluster, "has left"), said(&cluster, "up again")), (1, 1));
    assert_eq!(said(&cluster, "is down"), 0, "nobody needs to look after it");
}

#[test]
fn a_dead_server_is_shown_as_down_until_it_answers() {
    let port = Port::take();
    let a = Origin::start_at(&port, |_| vec![Step::Send(ok("a")), Step::Close]);
    let b = Origin::answering("b");
    let warm = "load-balance-warmup-time = \"1h\"";
    let cluster = farm::start(farm::foreign("", &[(port.number(), warm), (b.port(), "")]));
    assert_eq!(bound(&cluster), "a");
    drop(a);
    for pauses in 1..=2 {
        assert_eq!(bound(&cluster), "b");
        let limit = Deadline::after(PAUSE * pauses);
        stays_down(&cluster, "a", limit);
        assert_eq!(cluster.desk("web-a").server("a").failures, u64::from(pauses));
    }
    let _back = Origin::start_at(&port, |_| vec![Step::Send(ok("a")), Step::Close]);
    let limit = Deadline::after(Origin::PATIENCE);
    limit.keep_asking("a answers", || {
        assert_eq!(cluster.desk("web-a").server("a").state, State::Down);
        bound(&cluster) == "a"
    });
    assert_eq!(cluster.desk("web-a").server("a").state, State::Warming);
}

/// Looks at the state until then.
fn stays_down(cluster: &Cluster, server: &str, limit: Deadline) {
    while !limit.has_passed() {
        let seen = cluster.desk("web-a").server(server);
        assert_eq!(seen.state, State::Down, "{seen:?}");
    }
}

#[test]
fn an_idle_server_ends_soon_although_connections_to_it_are_kept() {
    let kept = "[cluster.app-tier.server-default]\nload-balance-idle-time = \"50s\"\n\
        keepalive-timeout = \"1h\"\n\n[[cluster.app-tier.web-app]]";
    let recipe = Recipe::example("one_balancer_two_backends");
    let mut cluster = Cluster::start(recipe.replaced("[[cluster.app-tier.web-app]]", kept));
    let port = cluster.port(8080);
    assert_eq!(server_at(port, "/echo;jsessionid=abc"), "app-a");
    // Far below the time after which it would wait for them no more.
    let limit = Deadline::after(Duration::from_secs(3));
    assert_eq!(cluster.stop("app-a").code(), Some(0));
    assert!(!limit.has_passed(), "it took longer than three seconds");
    assert_eq!(get(port, "/echo").status, 200);
}
