//! What a client sees when servers cannot be reached, break off or stay silent.

use copal_testkit::cluster::Cluster;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::port::Port;
use copal_testkit::raw::{ask, get};
use copal_testkit::recipe::Recipe;
use copal_testkit::step::{Step, ok};

fn start(a: u16, b: u16) -> Cluster {
    let recipe = Recipe::example("foreign_servers").with_port(9001, a).with_port(9002, b);
    // Written once, for both servers.
    let quick = "protocol = \"http\"\nserver-default = { load-balance-socket-timeout = \"1s\" }";
    Cluster::start(recipe.replaced("protocol = \"http\"", quick))
}

#[test]
fn when_no_server_can_be_reached_it_is_503_with_a_time() {
    let (a, b) = (Port::take(), Port::take());
    let cluster = start(a.number(), b.number());
    for _ in 0..3 {
        let response = get(cluster.port(8080), "/");
        assert_eq!(response.status, 503, "{response:?}");
        assert!(response.field("retry-after").is_some(), "{response:?}");
    }
}

#[test]
fn a_server_that_refuses_connections_is_passed_over_for_any_method() {
    let nobody = Port::take();
    let origin = Origin::answering("alive");
    let cluster = start(nobody.number(), origin.port());
    for method in ["GET", "POST", "PATCH"] {
        // The letters name the server that is not there.
        let request = format!(
            "{method} /;jsessionid=abc HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
        );
        assert_eq!(ask(cluster.port(8080), request).text(), "alive", "{method}");
    }
    assert!(origin.calls().iter().all(|call| call.body == b"body"));
}

#[test]
fn silence_is_504() {
    let gate = Gate::new();
    let silent = Origin::start({
        let gate = gate.clone();
        move |_| vec![Step::Wait(gate.clone()), Step::Send(ok("late"))]
    });
    let cluster = start(silent.port(), silent.port());
    let response =
        ask(cluster.port(8080), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    gate.open();
    assert_eq!(response.status, 504, "{response:?}");
}

#[test]
fn a_request_that_may_not_be_repeated_reaches_one_server_once() {
    let (a, b) = (Origin::start(|_| vec![Step::Reset]), Origin::start(|_| vec![Step::Reset]));
    let cluster = start(a.port(), b.port());
    let response =
        ask(cluster.port(8080), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody");
    assert_eq!(response.status, 502, "{response:?}");
    assert_eq!(a.calls().len() + b.calls().len(), 1);
}
