//! How a server stops.

use copal_testkit::raw::Raw;
use copal_testkit::websocket::WebSocket;

use crate::house::House;

const GET: &str = "GET /echo HTTP/1.1\r\nHost: x\r\n\r\n";

#[test]
fn idle_clients_are_let_go_and_running_requests_are_finished() {
    let house = House::demo();
    let mut idle = house.raw();
    idle.send(GET);
    assert_eq!(idle.response().unwrap().status, 200);
    let mut busy = house.raw();
    // The answer to the expectation says that the request runs.
    busy.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(busy.any_response(false).unwrap().status, 100);
    house.running().drain().begin();
    idle.closed().unwrap();
    busy.send("abc");
    let answer = busy.response().unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.says_close());
    busy.closed().unwrap();
    house.leave().unwrap();
}

#[test]
fn an_idle_connection_of_a_web_tier_may_bring_one_more_request() {
    let house = House::demo();
    let mut web = Raw::connect(house.cluster());
    web.send(GET);
    assert!(!web.response().unwrap().says_close());
    let mut client = house.raw();
    client.send(GET);
    assert_eq!(client.response().unwrap().status, 200);
    house.running().drain().begin();
    client.closed().unwrap();
    web.send("GET /.copal/ready HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = web.response().unwrap();
    assert_eq!(answer.status, 503);
    assert!(answer.says_close());
    web.closed().unwrap();
    house.leave().unwrap();
}

/// The port was closed at once. Whoever had connected between the last accept and the close was reset,
/// and a POST that was under way got a 502.
#[test]
fn the_cluster_port_is_open_until_web_servers_have_heard_that_it_closes() {
    let house = House::demo();
    let mut client = house.raw();
    client.send(GET);
    assert_eq!(client.response().unwrap().status, 200);
    house.running().drain().begin();
    // The public listener is closed from here on.
    client.closed().unwrap();
    let mut web = Raw::connect(house.cluster());
    web.send("GET /.copal/ready HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = web.response().unwrap();
    assert_eq!((answer.status, answer.field("copal-state")), (503, Some("leaving")));
    let mut web = Raw::connect(house.cluster());
    web.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    let answer = web.response().unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.says_close());
    house.leave().unwrap();
}

#[test]
fn what_does_not_end_by_itself_is_cut_off() {
    let house = House::demo();
    let mut socket = WebSocket::open(house.public(), "/websocket", "");
    let mut sleeper = house.raw();
    sleeper.send(
        "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(sleeper.any_response(false).unwrap().status, 100);
    house.running().drain().begin();
    house.running().drain().cut();
    house.leave().unwrap();
    socket.closed().unwrap();
    sleeper.closed().unwrap();
}
