//! One connection of an origin, played by its script.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::call::Call;
use crate::record::Shared;
use crate::step::Step;

/// One connection while it is served.
pub(crate) struct Connection<'s> {
    pub(crate) shared: &'s Shared,
    pub(crate) stream: TcpStream,
    pub(crate) connection: usize,
    pub(crate) held: Vec<u8>,
}

impl Connection<'_> {
    /// Reads requests and carries out their steps until the connection is over.
    pub(crate) fn serve(&mut self) {
        for request in 0.. {
            let Some(mut call) = self.next_head(request) else {
                return;
            };
            if !self.shared.early {
                let Some(body) = self.body_of(&call) else {
                    return;
                };
                call.body = body;
            }
            let unread = self.shared.early.then(|| call.clone());
            let steps = (self.shared.script)(&call);
            self.shared.record().calls.push(call);
            self.shared.changed.notify_all();
            for step in steps {
                if !self.carry_out(step) {
                    return;
                }
            }
            if unread.is_some_and(|call| self.body_of(&call).is_none()) {
                return;
            }
        }
    }

    /// Does the step; `false` when the connection is over.
    fn carry_out(&mut self, step: Step) -> bool {
        match step {
            Step::Send(bytes) => self.stream.write_all(&bytes).is_ok(),
            Step::Repeat(bytes, times) => (0..times).all(|_| self.stream.write_all(&bytes).is_ok()),
            Step::Wait(gate) => {
                gate.pass();
                true
            }
            Step::Close => false,
            Step::Reset => {
                let lingering =
                    rustix::net::sockopt::set_socket_linger(&self.stream, Some(Duration::ZERO));
                lingering.expect("a socket takes its linger time");
                // With no time to linger, the last close of the socket is a reset.
                if let Some(recorded) = self.shared.record().connections.get_mut(self.connection) {
                    recorded.stream = None;
                }
                false
            }
        }
    }

    fn next_head(&mut self, request: usize) -> Option<Call> {
        let head_end = loop {
            if let Some(end) = find(&self.held, b"\r\n\r\n") {
                break end;
            }
            self.read_more()?;
        };
        let head = String::from_utf8_lossy(&self.held[..head_end]).into_owned();
        self.held.drain(..head_end + 4);
        Some(Call { connection: self.connection, request, head, body: Vec::new() })
    }

    fn body_of(&mut self, call: &Call) -> Option<Vec<u8>> {
        let chunked = call.values("transfer-encoding").iter().any(|v| v.contains("chunked"));
        let length = call.values("content-length").first().and_then(|v| v.parse().ok());
        let length = if chunked { self.chunked_length()? } else { length.unwrap_or(0) };
        while self.held.len() < length {
            self.read_more()?;
        }
        Some(self.held.drain(..length).collect())
    }

    /// The length of the chunked body at the front, as soon as all of it has come.
    fn chunked_length(&mut self) -> Option<usize> {
        let mut at = 0;
        loop {
            let line = self.line_at(at)?;
            let text = String::from_utf8_lossy(&self.held[at..at + line]).into_owned();
            let size = usize::from_str_radix(text.split(';').next()?.trim(), 16).ok()?;
            at += line + 2;
            if size == 0 {
                break;
            }
            at += size + 2;
        }
        loop {
            let line = self.line_at(at)?;
            at += line + 2;
            if line == 0 {
                return Some(at);
            }
        }
    }

    /// The length of the line that begins at `at`.
    fn line_at(&mut self, at: usize) -> Option<usize> {
        loop {
            if let Some(end) = self.held.get(at..).and_then(|rest| find(rest, b"\r\n")) {
                return Some(end);
            }
            self.read_more()?;
        }
    }

    fn read_more(&mut self) -> Option<()> {
        let mut room = vec![0; 64 << 10];
        loop {
            match self.stream.read(&mut room) {
                Ok(0) => return None,
                Ok(count) => {
                    self.held.extend_from_slice(&room[..count]);
                    let mut record = self.shared.record();
                    record.connections[self.connection].bytes.extend_from_slice(&room[..count]);
                    drop(record);
                    self.shared.changed.notify_all();
                    return Some(());
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
