//! A server that records every byte and answers by a script, however badly.

use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::call::Call;
use crate::played::Connection;
use crate::port::Port;
use crate::record::{Record, Recorded, Script, Shared};
use crate::step::{Step, ok};

/// A server that records every byte and answers by a script; ends when it is dropped.
pub struct Origin {
    port: u16,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl Origin {
    /// How long a test waits for something to reach the origin.
    pub const PATIENCE: Duration = Duration::from_secs(20);

    /// An origin on a free port whose answer to each request `script` writes.
    ///
    /// # Panics
    /// When this host has no free port.
    #[must_use]
    pub fn start(script: impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::start_with(any_port(), Box::new(script), false)
    }

    /// The same at a port that the test has taken, so that one may come back where one was.
    ///
    /// # Panics
    /// When somebody listens there.
    #[must_use]
    pub fn start_at(
        port: &Port,
        script: impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.number()));
        Self::start_with(listener.expect("the port of the test"), Box::new(script), false)
    }

    /// The same as [`Origin::start`], but it does not wait for bodies: `script` is asked as soon as
    /// a head is there, and the body, of which the call knows nothing, is read when all steps are
    /// done.
    ///
    /// # Panics
    /// When this host has no free port.
    #[must_use]
    pub fn answering_early(script: impl Fn(&Call) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::start_with(any_port(), Box::new(script), true)
    }

    fn start_with(listener: TcpListener, script: Box<Script>, early: bool) -> Self {
        let port = listener.local_addr().expect("a bound listener has an address").port();
        let shared = Arc::new(Shared {
            script,
            early,
            record: Mutex::default(),
            changed: Condvar::new(),
            stopping: AtomicBool::new(false),
        });
        let acceptor = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || accept(&listener, &shared)
        });
        Self { port, shared, acceptor: Some(acceptor) }
    }

    /// An origin that answers every request with 200 and `body`.
    #[must_use]
    pub fn answering(body: &str) -> Self {
        let answer = ok(body);
        Self::start(move |_| vec![Step::Send(answer.clone())])
    }

    /// The port on this host.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// All whole requests so far, in the order in which they were complete.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.record().calls.clone()
    }

    /// All bytes of all connections so far.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.shared.record().connections.iter().flat_map(|c| c.bytes.clone()).collect()
    }

    /// How many connections were accepted so far.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.record().connections.len()
    }

    /// Waits until `count` whole requests have come.
    pub fn wait_calls(&self, count: usize) {
        self.wait(&format!("{count} requests"), |record| record.calls.len() >= count);
    }

    /// Waits until `text` has come on some connection.
    pub fn wait_bytes(&self, text: &str) {
        self.wait(text, |record| {
            let mut all = record.connections.iter();
            all.any(|c| c.bytes.windows(text.len()).any(|window| window == text.as_bytes()))
        });
    }

    /// Waits until the peer has ended the connection.
    pub fn wait_ended(&self, connection: usize) {
        self.wait(&format!("the end of connection {connection}"), |record| {
            record.connections.get(connection).is_some_and(|c| c.ended)
        });
    }

    fn wait(&self, what: &str, done: impl Fn(&Record) -> bool) {
        let record = self.shared.record();
        let waited =
            self.shared.changed.wait_timeout_while(record, Self::PATIENCE, |record| !done(record));
        let (record, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<&str> = record.calls.iter().map(Call::request_line).collect();
        assert!(!timeout.timed_out(), "the origin waited in vain for {what}; it saw {lines:?}");
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        for connection in &self.shared.record().connections {
            // It may be closed already.
            drop(connection.stream.as_ref().map(|stream| stream.shutdown(Shutdown::Both)));
        }
        // Wakes the acceptor up, which then sees that it is over.
        drop(TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))));
        if let Some(acceptor) = self.acceptor.take() {
            drop(acceptor.join());
        }
    }
}

fn any_port() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port")
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(recorded) = stream.try_clone() else {
            continue;
        };
        let connection = {
            let mut record = shared.record();
            let new = Recorded { stream: Some(recorded), bytes: Vec::new(), ended: false };
            record.connections.push(new);
            record.connections.len() - 1
        };
        shared.changed.notify_all();
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            Connection { shared: &shared, stream, connection, held: Vec::new() }.serve();
            if let Some(recorded) = shared.record().connections.get_mut(connection) {
                recorded.ended = true;
                // The clone in the record would keep the socket open.
                drop(recorded.stream.take().map(|stream| stream.shutdown(Shutdown::Both)));
            }
            shared.changed.notify_all();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Gate;
    use crate::raw::{Raw, Trouble, get};

    #[test]
    fn every_byte_is_recorded_and_the_script_answers() {
        let origin = Origin::start(|call| match call.request {
            0 => vec![Step::Send(ok("first"))],
            _ => vec![Step::Send(b"HTTP/1.1 200 OK\r\nContent-Len".to_vec()), Step::Close],
        });
        let mut client = Raw::connect(origin.port());
        client.send("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n");
        assert_eq!(client.response().map(|response| response.text()), Ok("first".to_owned()));
        client.send("GET /b HTTP/1.1\r\n\r\n");
        assert!(matches!(client.response(), Err(Trouble::CutOff(_))));
        origin.wait_ended(0);
        let calls = origin.calls();
        assert_eq!(calls[0].body, b"2\r\nab\r\n0\r\n\r\n");
        assert_eq!(calls[1].request_line(), "GET /b HTTP/1.1");
        assert_eq!(origin.bytes().len(), 48 + 12 + 19);
    }

    #[test]
    fn a_reset_is_a_reset_and_a_close_is_none() {
        for (step, reset) in [(Step::Reset, true), (Step::Close, false)] {
            let origin = Origin::start(move |_| vec![step.clone()]);
            let mut client = Raw::connect(origin.port());
            client.send("GET / HTTP/1.1\r\n\r\n");
            assert_eq!(client.response(), Err(Trouble::Closed));
            assert_eq!(client.was_reset(), reset);
        }
    }

    #[test]
    fn an_early_answer_comes_before_the_body_which_is_no_request() {
        let origin = Origin::answering_early(|_| vec![Step::Send(ok("early"))]);
        let mut client = Raw::connect(origin.port());
        client.send("POST /a HTTP/1.1\r\nContent-Length: 19\r\n\r\n");
        assert_eq!(client.response().map(|response| response.text()), Ok("early".to_owned()));
        client.send("GET /b HTTP/1.1\r\n\r\nGET /c HTTP/1.1\r\n\r\n");
        assert_eq!(client.response().map(|response| response.text()), Ok("early".to_owned()));
        let calls = origin.calls();
        let lines: Vec<&str> = calls.iter().map(Call::request_line).collect();
        assert_eq!(lines, ["POST /a HTTP/1.1", "GET /c HTTP/1.1"]);
    }

    #[test]
    fn a_gate_holds_the_answer_back() {
        let gate = Gate::new();
        let origin = Origin::start({
            let gate = gate.clone();
            move |_| vec![Step::Wait(gate.clone()), Step::Send(ok("late"))]
        });
        let port = origin.port();
        let asker = std::thread::spawn(move || get(port, "/").text());
        gate.wait_reached(1);
        gate.open();
        assert_eq!(asker.join().expect("the asker"), "late");
    }
}
