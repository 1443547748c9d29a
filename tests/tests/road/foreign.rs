//! Two HTTP servers of any make behind a balancer.

use copal_testkit::call::Call;
use copal_testkit::cluster::Cluster;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, ask, get};
use copal_testkit::recipe::Recipe;
use copal_testkit::step::Step;

fn start(a: &Origin, b: &Origin) -> Cluster {
    let recipe = Recipe::example("foreign_servers");
    Cluster::start(recipe.with_port(9001, a.port()).with_port(9002, b.port()))
}

/// The only request that reached the origin.
fn only_call(origin: &Origin) -> Call {
    let calls = origin.calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls[0].clone()
}

#[test]
fn requests_go_in_turn_and_letters_bind_them() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let cluster = start(&a, &b);
    let port = cluster.port(8080);
    let answers: Vec<String> = (0..6).map(|_| get(port, "/").text()).collect();
    assert!(answers.windows(2).all(|pair| pair[0] != pair[1]), "{answers:?}");
    for _ in 0..4 {
        let bound = "GET / HTTP/1.1\r\nHost: a\r\nCookie: JSESSIONID=bac\r\n\r\n";
        assert_eq!(ask(port, bound).text(), "b");
        assert_eq!(get(port, "/x;jsessionid=abc").text(), "a");
    }
}

#[test]
fn a_request_carries_what_the_web_tier_knows_and_nothing_forged() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let cluster = start(&a, &b);
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let response = ask(
        cluster.port(8080),
        format!(
            "GET /p;jsessionid=abc/q;x=y?z HTTP/1.1\r\nHost: Shop.example:81\r\n\
             X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\n\
             X-Forwarded-Port: 1\r\nForwarded: for=6.6.6.6\r\nX-Request-Id: forged\r\n\
             Copal-Session-Id: forged\r\ntraceparent: {trace}\r\nX-Own: kept\r\n\r\n"
        ),
    );
    assert_eq!(response.text(), "a");
    assert!(response.field("via").is_some(), "{response:?}");
    let call = only_call(&a);
    assert_eq!(call.request_line(), "GET /p;jsessionid=abc/q;x=y?z HTTP/1.1");
    let one = |name: &str| match call.values(name)[..] {
        [value] => value.to_owned(),
        ref values => panic!("{name}: {values:?}"),
    };
    assert_eq!(one("host"), "Shop.example:81");
    assert_eq!(one("x-forwarded-for"), "127.0.0.1");
    assert_eq!(one("x-forwarded-proto"), "http");
    assert_eq!(one("x-forwarded-host"), "Shop.example:81");
    assert_eq!(one("x-forwarded-port"), cluster.port(8080).to_string());
    assert!(one("forwarded").contains("127.0.0.1"), "{}", call.head);
    assert!(one("traceparent").contains("4bf92f3577b34da6a3ce929d0e0e4736"), "{}", call.head);
    assert_eq!(one("x-own"), "kept");
    assert!(one("via").starts_with("1.1 "), "{}", call.head);
    assert!(!one("x-request-id").is_empty());
    for forged in ["6.6.6.6", "evil", "forged"] {
        assert!(!call.head.contains(forged), "{forged}: {}", call.head);
    }
}

#[test]
fn bodies_stream_in_both_directions() {
    let gate = Gate::new();
    let origin = Origin::start({
        let gate = gate.clone();
        move |_| {
            let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
            let rest = "4\r\nlast\r\n0\r\n\r\n";
            vec![Step::Send(head.into()), Step::Wait(gate.clone()), Step::Send(rest.into())]
        }
    });
    let cluster = start(&origin, &Origin::answering("b"));
    let mut client = Raw::connect(cluster.port(8080));
    client.send("POST /;jsessionid=abc HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf");
    // The first half of the request is there before the second half is sent.
    origin.wait_bytes("half");
    client.send("more");
    let mut seen = String::new();
    while !seen.contains("first") {
        let bytes = client.read_some(1024).expect("the first half of the response");
        assert!(!bytes.is_empty(), "the connection ended after {seen:?}");
        seen.push_str(&String::from_utf8_lossy(&bytes));
    }
    // The first half of the response is here before the second half is made.
    gate.wait_reached(1);
    gate.open();
    while !seen.contains("last") {
        let bytes = client.read_some(1024).expect("the second half of the response");
        assert!(!bytes.is_empty(), "the connection ended after {seen:?}");
        seen.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert_eq!(only_call(&origin).body, b"halfmore");
}

#[test]
fn connections_to_the_servers_are_used_again() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let cluster = start(&a, &b);
    let mut client = Raw::connect(cluster.port(8080));
    for _ in 0..20 {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.response().map(|response| response.status), Ok(200));
    }
    assert_eq!((a.calls().len(), b.calls().len()), (10, 10));
    assert_eq!((a.connections(), b.connections()), (1, 1));
}
