//! Asks many servers the same at the same time.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::doors::Doors;
use crate::question::Question;
use crate::silence::Silence;
use crate::{call, limits};

/// What each server answers to `question`, in the order of `doors`. They are asked in parallel,
/// and none can hold the answers of the others up for longer than its own may take.
#[must_use]
pub fn ask_all<T: DeserializeOwned + Send + 'static>(
    doors: &[Doors],
    question: &Question,
) -> Vec<Result<T, Silence>> {
    let asked: Vec<_> = doors.iter().map(|doors| ask(doors.clone(), question.clone())).collect();
    asked
        .into_iter()
        .zip(doors)
        .map(|(answer, doors)| {
            // Both doors, one after the other, and a little to start a thread.
            let longest = limits::CONNECT_TIME * 2 + question.patience() + Duration::from_secs(1);
            // What has no bound of its own, the look-up of a name, is left behind.
            let late = |_| Err(Silence::TimedOut(doors.server.clone()));
            answer.recv_timeout(longest).unwrap_or_else(late)
        })
        .collect()
}

fn ask<T: DeserializeOwned + Send + 'static>(
    doors: Doors,
    question: Question,
) -> mpsc::Receiver<Result<T, Silence>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let work = move || {
        let answer = call::ask(&doors, &question).and_then(|body| {
            serde_json::from_slice(&body).map_err(|error| Silence::Stranger {
                at: doors.server.clone(),
                why: error.to_string(),
            })
        });
        // Nobody listens any more when it took too long.
        drop(sender.send(answer));
    };
    // A thread that the system refuses drops the sender, and so counts as silence.
    drop(thread::Builder::new().name("ask".to_owned()).spawn(work));
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::{IpAddr, Ipv4Addr};
    use std::os::unix::net::UnixListener;
    use std::sync::mpsc::channel;

    use copal_config::network::Address;
    use serde_json::Value;

    #[test]
    fn all_are_asked_at_the_same_time_and_answers_keep_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["a", "b", "c"];
        let doors = names.map(|name| Doors {
            server: name.to_owned(),
            cluster: Some("x".to_owned()),
            socket: folder.path().join(name),
            address: Address::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            admin: None,
        });
        let listeners = names.map(|name| UnixListener::bind(folder.path().join(name)).unwrap());
        // Nobody is answered before all have asked; the last one is answered with nonsense.
        let (sender, all_asked) = channel();
        let server = thread::spawn(move || {
            let streams = listeners.each_ref().map(|listener| {
                let mut stream = listener.accept().unwrap().0;
                let mut request = [0; 4];
                stream.read_exact(&mut request).unwrap();
                stream
            });
            sender.send(()).unwrap();
            for (mut stream, body) in streams.into_iter().zip(["1", "2", "?"]).rev() {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n").unwrap();
                stream.write_all(body.as_bytes()).unwrap();
            }
        });
        let answers = ask_all::<Value>(&doors, &Question::Status);
        all_asked.recv().unwrap();
        server.join().unwrap();
        assert_eq!(answers[0].as_ref().unwrap(), 1);
        assert_eq!(answers[1].as_ref().unwrap(), 2);
        assert!(matches!(&answers[2], Err(Silence::Stranger { at, .. }) if at == "c"));
    }
}
