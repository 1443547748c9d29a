//! What is said on a connection before there are both.

use std::time::Duration;

use bytes::BytesMut;
use copal_protocol::link_decoder::Decoder;
use copal_protocol::link_frame::{self, Channel, LinkFrame};
use copal_protocol::server_index::ServerIndex;
use copal_replica::epoch::Epoch;
use copal_replica::frame::Frame;
use copal_replica::frame_code::{self, Heard};
use copal_replica::incarnation::Incarnation;
use copal_replica::inquiry::Question;
use copal_tls::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::rig::{PATIENCE, end, engine, engine_of, key, server};
use crate::ring::line::LinkKind;
use crate::ring::{greeting, link};

#[tokio::test]
async fn a_question_that_comes_before_the_second_connection_is_answered_after_it() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let theirs = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let mut theirs = Stream::Plain(theirs);
    let (ours, _) = listener.accept().await.unwrap();
    let engine = engine("b");
    let story = async {
        let (mut read, mut decoder) = (BytesMut::new(), Decoder::default());
        let b = engine_of('b', "a");
        greeting::exchange(&b, &mut theirs, &mut read, &mut decoder).await.unwrap();
        theirs.write_all(&ask(5)).await.unwrap();
        // It has come by then, and is of no use yet.
        tokio::time::sleep(Duration::from_millis(50)).await;
        engine.attach(LinkKind::Pulse, server('b'), end(b.plan.incarnation.0));
        let heard = tokio::time::timeout(PATIENCE, hear(&mut theirs, &mut read, &mut decoder));
        let heard = heard.await.expect("an answer");
        let Heard::Frame(about, frame) = frame_code::read(heard.content).unwrap() else {
            panic!("no frame");
        };
        assert_eq!(about, key());
        assert!(matches!(*frame, Frame::Opinion { number: 5, .. }), "{frame:?}");
    };
    tokio::select! {
        () = story => {}
        ended = link::run(&engine, LinkKind::Sessions, Stream::Plain(ours), BytesMut::new()) => panic!("{ended:?}"),
        () = engine.follow_connections() => {}
    }
}

#[tokio::test]
async fn who_waits_for_the_second_connection_hears_that_the_first_is_closed() {
    let outbox = end(7).outbox;
    let (joined, ()) = tokio::join!(outbox.is_joined(), async { outbox.close() });
    assert!(!joined);
}

/// Who acts?
fn ask(number: u64) -> BytesMut {
    let (index, incarnation) = (ServerIndex::new(1).unwrap(), Incarnation(1));
    let proposal = Epoch { counter: 1, server: index, incarnation };
    let question = Question { asker: server('b'), about: None, proposal, has: None };
    let content = frame_code::write(key(), &Frame::Ask { number, question });
    let mut out = BytesMut::new();
    link_frame::put(&mut out, Channel::Session, &content).unwrap();
    out
}

async fn hear(stream: &mut Stream, read: &mut BytesMut, decoder: &mut Decoder) -> LinkFrame {
    loop {
        if let Some(frame) = decoder.next(read).unwrap() {
            return frame;
        }
        assert_ne!(stream.read_buf(read).await.unwrap(), 0, "it was closed");
    }
}
