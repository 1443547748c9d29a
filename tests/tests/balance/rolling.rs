//! App servers end and start again, one after the other, while clients keep asking.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;

const CLIENTS: usize = 4;
/// Answers between one end of a server and the next event.
const MEANWHILE: usize = 40;

/// Keeps asking on one connection until it is over; returns what was not answered well.
fn ask_on(port: u16, request: &str, answered: &AtomicUsize, over: &AtomicBool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut client = Raw::connect(port);
    while !over.load(Ordering::SeqCst) {
        client.send(request);
        match client.response() {
            Ok(response) if response.status == 200 => {}
            other => {
                wrong.push(format!("{other:?}"));
                client = Raw::connect(port);
            }
        }
        answered.fetch_add(1, Ordering::SeqCst);
    }
    wrong
}

/// What was not answered well while servers ended and started.
fn wrong_while(request: &str, rounds: usize, end: fn(&mut Cluster, &str)) -> Vec<String> {
    let mut cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let port = cluster.port(8080);
    let (answered, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let askers: Vec<_> =
            (0..CLIENTS).map(|_| scope.spawn(|| ask_on(port, request, &answered, &over))).collect();
        let meanwhile = |cluster: &Cluster| {
            let enough = answered.load(Ordering::SeqCst) + MEANWHILE;
            let asked = || answered.load(Ordering::SeqCst) >= enough;
            cluster.server("web-a").wait_until(asked).expect("answers");
        };
        for round in 0..rounds {
            let app = ["app-a", "app-b"][round % 2];
            meanwhile(&cluster);
            end(&mut cluster, app);
            meanwhile(&cluster);
            cluster.start_server(app);
            cluster.wait_status("web-a", "it is used again", |status| {
                let seen = copal_testkit::desk::of(status, app);
                seen.state != copal_protocol::state::State::Down
                    && seen.state != copal_protocol::state::State::Leaving
            });
        }
        over.store(true, Ordering::SeqCst);
        askers.into_iter().flat_map(|asker| asker.join().expect("an asker")).collect()
    })
}

#[test]
fn no_request_fails_when_servers_are_stopped_in_order() {
    let post = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    let wrong = wrong_while(post, 6, |cluster, app| {
        assert_eq!(cluster.stop(app).code(), Some(0));
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn no_request_that_may_be_asked_twice_fails_when_servers_are_killed() {
    let put = "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    let wrong = wrong_while(put, 6, |cluster, app| {
        cluster.kill(app);
    });
    assert_eq!(wrong, Vec::<String>::new());
}
