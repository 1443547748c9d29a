//! Tests of the filter over a connection in memory.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

impl Line for tokio::io::DuplexStream {
    fn broken(&self) -> Broken {
        Box::pin(std::future::pending())
    }
}

const LIMITS: HeadLimits = HeadLimits { max_head: 4096, max_fields: 20, max_uri: 1024 };

const GOOD: &str = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n\
                    POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello\
                    POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
                    3\r\nabc\r\n0\r\n\r\n";
const BAD_HEAD: &str = "GET /d HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n";
const BAD_BODY: &str = "POST /d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
                        3\r\nabc\r\nzz\r\n";

/// What comes through when `sent` arrives in two pieces, and how that ends.
async fn through(sent: &str, split: usize) -> (Vec<u8>, io::Result<usize>, Conversation) {
    let (mut client, server) = tokio::io::duplex(64 << 10);
    let conversation = Conversation::default();
    let mut judged = JudgedIo::new(server, LIMITS, conversation.clone());
    let (first, second) = sent.as_bytes().split_at(split);
    let send = async {
        client.write_all(first).await.unwrap();
        tokio::task::yield_now().await;
        client.write_all(second).await.unwrap();
        drop(client);
    };
    let mut passed = Vec::new();
    let (end, ()) = tokio::join!(judged.read_to_end(&mut passed), send);
    (passed, end, conversation)
}

#[tokio::test]
async fn good_requests_pass_whole_however_they_are_split() {
    for split in 0..GOOD.len() {
        let (passed, end, conversation) = through(GOOD, split).await;
        assert_eq!(passed.escape_ascii().to_string(), GOOD.as_bytes().escape_ascii().to_string());
        assert!(end.is_ok(), "{split}");
        assert_eq!(conversation.state().heads, 3, "{split}");
        assert_eq!(conversation.state().ending, None, "{split}");
    }
}

#[tokio::test]
async fn nothing_of_a_bad_head_passes_however_it_is_split() {
    let sent = format!("{GOOD}{BAD_HEAD}GET /e HTTP/1.1\r\nHost: x\r\n\r\n");
    for split in 0..sent.len() {
        let (passed, end, conversation) = through(&sent, split).await;
        assert_eq!(passed, GOOD.as_bytes(), "{split}");
        assert!(end.is_ok(), "{split}");
        let ending = conversation.state().ending.unwrap();
        assert_eq!((ending.status, ending.turn, ending.in_body), (400, 4, false), "{split}");
    }
}

#[tokio::test]
async fn a_bad_body_is_an_error_after_its_good_part() {
    let sent = format!("{GOOD}{BAD_BODY}");
    let good = sent.strip_suffix("zz\r\n").unwrap();
    for split in 0..sent.len() {
        let (passed, end, conversation) = through(&sent, split).await;
        assert!(good.as_bytes().starts_with(&passed), "{split}");
        assert!(passed.len() >= good.len() - "3\r\nabc\r\n".len(), "{split}");
        assert!(end.is_err(), "{split}");
        let ending = conversation.bad_body(4).unwrap();
        assert_eq!(ending.status, 400, "{split}");
        assert_eq!(conversation.bad_body(3), None, "{split}");
    }
}

#[tokio::test]
async fn half_a_head_never_passes() {
    let (passed, end, conversation) = through("GET /a HTTP/1.1\r\nHost:", 5).await;
    assert_eq!(passed, b"");
    assert!(end.is_ok());
    assert_eq!(conversation.state().ending, None);
}

#[tokio::test]
async fn the_end_waits_for_the_answers_that_are_owed() {
    let (mut client, server) = tokio::io::duplex(1024);
    let conversation = Conversation::default();
    let mut judged = JudgedIo::new(server, LIMITS, conversation.clone());
    client.write_all(b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nbad\r\n\r\n").await.unwrap();
    let mut room = [0; 1024];
    assert_eq!(judged.read(&mut room).await.unwrap(), 28);
    let owing = conversation.owe();
    let mut read = Box::pin(judged.read(&mut room));
    let mut context = Context::from_waker(std::task::Waker::noop());
    assert!(read.as_mut().poll(&mut context).is_pending());
    drop(owing);
    assert!(read.as_mut().poll(&mut context).is_pending(), "the answer is not flushed yet");
    drop(read);
    judged.flush().await.unwrap();
    assert_eq!(judged.read(&mut room).await.unwrap(), 0);
}

#[tokio::test]
async fn what_follows_an_upgrade_waits_for_the_decision() {
    const UPGRADE: &[u8] =
        b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n";
    const NEXT: &[u8] = b"GET /b HTTP/1.1\r\nHost: x\r\n\r\n";
    for (tunnel, after, passes) in [
        (true, &b"\0anything"[..], true),
        (false, NEXT, true),
        (false, &b"\0anything\r\n"[..], false),
    ] {
        let (mut client, server) = tokio::io::duplex(1024);
        let conversation = Conversation::default();
        let mut judged = JudgedIo::new(server, LIMITS, conversation.clone());
        client.write_all(&[UPGRADE, after].concat()).await.unwrap();
        let mut room = [0; 1024];
        assert_eq!(judged.read(&mut room).await.unwrap(), UPGRADE.len());
        let mut context = Context::from_waker(std::task::Waker::noop());
        {
            let mut read = Box::pin(judged.read(&mut room));
            assert!(read.as_mut().poll(&mut context).is_pending());
        }
        assert_eq!(conversation.state().reading, Reading::Decision);
        conversation.decide(1, tunnel);
        let count = judged.read(&mut room).await.unwrap();
        let expected = if passes { after } else { b"" };
        assert_eq!(&room[..count], expected, "{tunnel}");
    }
}
