//! A WebSocket through the web tier: a tunnel until somebody closes it.

use copal_testkit::raw::get;
use copal_testkit::websocket::{Opcode, WebSocket};

use crate::start::start;

#[test]
fn messages_come_back_as_they_were_sent() {
    let (cluster, _) = start();
    let mut socket = WebSocket::open(cluster.port(8080), "/websocket", "");
    let messages = [b"hello".to_vec(), vec![b'x'; 300], vec![b'y'; 100_000]];
    for message in messages {
        socket.send(Opcode::Text, &message);
        assert_eq!(socket.receive(), Ok((Opcode::Text, message)));
    }
    socket.send(Opcode::Binary, &[0, 255, 13, 10, 13, 10]);
    assert_eq!(socket.receive(), Ok((Opcode::Binary, vec![0, 255, 13, 10, 13, 10])));
    socket.send(Opcode::Ping, b"there?");
    assert_eq!(socket.receive(), Ok((Opcode::Pong, b"there?".to_vec())));
}

#[test]
fn a_close_is_answered_and_ends_the_connection() {
    let (cluster, _) = start();
    let mut socket = WebSocket::open(cluster.port(8080), "/websocket", "");
    socket.send(Opcode::Close, &1000_u16.to_be_bytes());
    let (opcode, payload) = socket.receive().expect("a close frame");
    assert_eq!((opcode, payload.get(..2)), (Opcode::Close, Some(&1000_u16.to_be_bytes()[..])));
    assert_eq!(socket.closed(), Ok(()));
}

#[test]
fn two_sockets_do_not_hear_each_other() {
    let (cluster, _) = start();
    let mut sockets: Vec<WebSocket> =
        (0..4).map(|_| WebSocket::open(cluster.port(8080), "/websocket", "")).collect();
    for (at, socket) in sockets.iter_mut().enumerate() {
        socket.send(Opcode::Text, format!("message {at}").as_bytes());
    }
    assert_eq!(get(cluster.port(8080), "/echo").status, 200);
    for (at, socket) in sockets.iter_mut().enumerate() {
        let message = format!("message {at}").into_bytes();
        assert_eq!(socket.receive(), Ok((Opcode::Text, message)));
    }
}

#[test]
fn where_there_is_no_websocket_plain_http_goes_on() {
    let (cluster, _) = start();
    let (mut raw, response) = WebSocket::try_open(cluster.port(8080), "/bytes/4", "");
    assert_eq!((response.status, response.body.len()), (200, 4), "{response:?}");
    raw.send("GET /bytes/5 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(raw.response().map(|response| response.body.len()), Ok(5));
}
