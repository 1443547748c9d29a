//! A server is named in new ids when all that are ready know it.

use bytes::BytesMut;
use copal_protocol::link_decoder::Decoder;
use copal_protocol::link_frame::{self, Channel};
use copal_protocol::server_index::ServerIndex;
use copal_protocol::state::State;
use copal_replica::heartbeat::HeartbeatAnswer;
use copal_tls::stream::Stream;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::rig::{PATIENCE, end, engine, engine_of, plan, server};
use crate::ring::engine::Engine;
use crate::ring::line::LinkKind;
use crate::ring::{greeting, link};

fn knows(engine: &Engine, letter: u8) -> bool {
    engine.is_known_to_all(ServerIndex::from_letter(letter).unwrap())
}

#[tokio::test]
async fn a_server_is_named_when_those_that_are_ready_have_read_the_new_file() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let theirs = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let mut theirs = Stream::Plain(theirs);
    let (ours, _) = listener.accept().await.unwrap();
    let (a, b) = (engine("bc"), engine_of('b', "a"));
    let start = b.plan.incarnation;
    let story = async {
        let (mut read, mut decoder) = (BytesMut::new(), Decoder::default());
        greeting::exchange(&b, &mut theirs, &mut read, &mut decoder).await.unwrap();
        a.attach(LinkKind::Sessions, server('b'), end(start.0));
        while !a.is_joined(server('b')) {
            tokio::task::yield_now().await;
        }
        assert!(knows(&a, b'c'), "nobody is ready who could not follow");
        a.beat(State::Ready);
        let (number, state) = (1, State::Ready);
        let answer = HeartbeatAnswer { incarnation: start, number, hears_you: true, state };
        a.answered(server('b'), answer);
        assert!(knows(&a, b'b') && !knows(&a, b'c'), "b has not read it");
        b.set_roster(plan('b', "ac").roster);
        let mut again = BytesMut::new();
        let hello = greeting::again(&b).unwrap();
        link_frame::put(&mut again, Channel::Hello, &hello).unwrap();
        theirs.write_all(&again).await.unwrap();
        while !knows(&a, b'c') {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        told = timeout(PATIENCE, story) => told.expect("it is told"),
        ended = link::run(&a, LinkKind::Pulse, Stream::Plain(ours), BytesMut::new()) => panic!("{ended:?}"),
        () = a.follow_connections() => {}
    }
}

#[tokio::test]
async fn a_new_file_is_told_to_all_that_are_connected() {
    let b = engine_of('b', "ac");
    let pulse = end(7);
    b.attach(LinkKind::Sessions, server('a'), end(7));
    b.attach(LinkKind::Pulse, server('a'), pulse.clone());
    b.catch_up();
    for times in 1..3 {
        let mut said = timeout(PATIENCE, pulse.outbox.take()).await.expect("a hello").unwrap();
        let frame = Decoder::default().next(&mut said).unwrap().unwrap();
        assert_eq!(frame.channel, Channel::Hello, "{times}");
        let hello = copal_protocol::ring_hello_code::read(&frame.content).unwrap();
        assert_eq!(hello.table.len(), 2 + times);
        b.set_roster(plan('b', "acd").roster);
    }
}
