//! What servers ask each other is nobody's request, and nobody's questions keep them from it.

use std::sync::atomic::{AtomicUsize, Ordering};

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::raw::{Raw, get};
use copal_testkit::recipe::Recipe;

#[test]
fn health_checks_are_not_counted_as_requests_by_the_server_that_is_checked() {
    let cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    for _ in 0..4 {
        assert_eq!(get(cluster.port(8080), "/echo").status, 200);
    }
    // The web server hears of each of these by a check.
    for (wish, state) in [
        ("drain", State::Drain),
        ("enable", State::Ready),
        ("evict", State::Evict),
        ("enable", State::Ready),
    ] {
        assert_eq!(cluster.desk("app-a").post(&format!("/servers/app-a/{wish}")).status, 200);
        cluster.wait_state("web-a", "app-a", state);
    }
    let answered = ["app-a", "app-b"].map(|app| cluster.desk(app).status().requests);
    assert_eq!(answered.iter().sum::<u64>(), 4, "{answered:?}");
}

/// Asks for the figures again and again, many times in one go, until it is enough.
fn crowd(port: u16, answered: &AtomicUsize, enough: usize) {
    let questions = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(16);
    while answered.load(Ordering::SeqCst) < enough {
        let mut client = Raw::connect(port);
        client.send(&questions);
        // How many connections there may be at a time is another question.
        while client.response().is_ok() && answered.fetch_add(1, Ordering::SeqCst) < enough {}
    }
}

#[test]
fn a_crowd_at_the_admin_listener_puts_no_server_down() {
    // Much to tell in each answer.
    let more = (0..40)
        .map(|number| format!("[[cluster.more.server]]\nid = \"more-{number}\"\nport = 9001\n\n"));
    let more: String = more.collect();
    let rule = "[[cluster.web-tier.rewrite-dispatch]]\n";
    let recipe = Recipe::example("one_balancer_two_backends")
        .replaced("id = \"web-a\"", "id = \"web-a\"\nadmin = { port = 9100 }")
        .replaced(rule, &format!("{rule}regexp = '^/more'\nload-balance = \"more\"\n\n{rule}"))
        .replaced(
            "[[cluster.app-tier.web-app]]",
            &format!("[cluster.more]\nprotocol = \"http\"\n\n{more}[[cluster.app-tier.web-app]]"),
        );
    let cluster = Cluster::start(recipe);
    let (port, answered) = (cluster.port(9100), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| crowd(port, &answered, 800));
        }
    });
    let log = cluster.server("web-a").log();
    assert!(!log.contains("server is down"), "{log}");
}
