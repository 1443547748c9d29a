//! A server that nobody can connect to, because it accepts nothing and its queue is full.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use crate::deadline::Deadline;
use crate::step::ok;

/// A server that nobody can connect to, because it accepts nothing and its queue is full. The
/// kernel refuses nobody: whoever connects hears nothing.
pub struct Deaf {
    listener: TcpListener,
    port: u16,
    /// Those who fill the queue.
    queued: Vec<TcpStream>,
}

impl Deaf {
    /// How long a connect must take until the queue is taken for full.
    const PATIENCE: Duration = Duration::from_millis(200);
    /// State SYN_SENT in `/proc/net/tcp`.
    const KNOCKING: &str = "02";

    /// On a free port.
    ///
    /// # Panics
    /// When this host has no free port, or a queue that is never full.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        rustix::net::listen(&listener, 0).expect("a shorter queue");
        let address = listener.local_addr().expect("a bound listener has an address");
        let mut queued = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Self::PATIENCE) {
            queued.push(stream);
            assert!(queued.len() < 64, "the queue of a listener is never full");
        }
        Self { listener, port: address.port(), queued }
    }

    /// The port on this host.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until somebody tries to connect.
    ///
    /// # Panics
    /// When nobody does.
    pub fn wait_knock(&self) {
        let deadline = Deadline::after(Duration::from_secs(20));
        deadline.keep_asking("somebody connects", || self.is_knocked_at());
    }

    /// Hears again: accepts everybody, and answers one request of the last who comes with 200 and
    /// `body`. Returns when that is done.
    ///
    /// # Panics
    /// When nobody comes.
    pub fn answer(mut self, body: &str) {
        for _ in self.queued.drain(..) {
            drop(self.listener.accept().expect("one of those who fill the queue"));
        }
        let (mut stream, _) = self.listener.accept().expect("somebody who knocked");
        // The answer is the same whatever is asked, so nobody reads the request.
        stream.write_all(&ok(body)).expect("somebody who listens");
        drop(std::io::copy(&mut stream, &mut std::io::sink()));
    }

    fn is_knocked_at(&self) -> bool {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let here = match here {
            SocketAddr::V4(here) => {
                format!("{:08X}:{:04X}", u32::from_ne_bytes(here.ip().octets()), here.port())
            }
            SocketAddr::V6(here) => panic!("{here} is no address of ours"),
        };
        let table = std::fs::read_to_string("/proc/net/tcp").expect("the connections of this host");
        table.lines().any(|line| {
            let mut words = line.split_ascii_whitespace().skip(2);
            words.next() == Some(here.as_str()) && words.next() == Some(Self::KNOCKING)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_hangs_until_it_is_heard() {
        let deaf = Deaf::start();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, deaf.port()));
        assert!(TcpStream::connect_timeout(&address, Duration::from_millis(100)).is_err());
        let asking = std::thread::spawn(move || crate::raw::get(address.port(), "/").text());
        deaf.wait_knock();
        deaf.answer("late");
        assert_eq!(asking.join().expect("an answer"), "late");
    }
}
