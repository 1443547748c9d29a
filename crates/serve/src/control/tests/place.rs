//! Where a control thread of a test runs, and how it is asked.

use std::io::Write;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use copal_config::secret::Secret;
use tempfile::TempDir;

use crate::control::test_desk::TestDesk;
use crate::control::{AdminDoor, Control, Plan, run};
use crate::drain::Drain;
use crate::error::ServeError;

/// Only so that a test that fails ends.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

pub(super) const TOKEN: &str = "0123456789abcdef";

/// Where a control thread of a test runs.
pub(super) struct Place {
    pub(super) folder: TempDir,
    pub(super) drain: Drain,
    pub(super) events: mpsc::Receiver<&'static str>,
    pub(super) sender: mpsc::Sender<&'static str>,
}

impl Place {
    pub(super) fn new() -> Self {
        let (sender, events) = mpsc::channel();
        Self { folder: tempfile::tempdir().unwrap(), drain: Drain::default(), events, sender }
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.folder.path().join("run").join("web-a.sock")
    }

    pub(super) fn run(&self, admin: Option<AdminDoor>) -> Result<Control, ServeError> {
        let events = self.sender.clone();
        let plan = Plan { socket: self.socket(), admin, drain: self.drain.clone() };
        run(plan, move || TestDesk::new(events))
    }

    pub(super) fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(self.socket()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// The answer to one request on a connection of its own.
    pub(super) fn ask(&self, request: &str) -> String {
        last_answer(self.connect(), request.as_bytes())
    }
}

pub(super) fn door(address: Ipv4Addr, token: bool) -> AdminDoor {
    let token = token.then(|| Secret::new(TOKEN.as_bytes().to_vec()));
    AdminDoor { address: (address, 0).into(), token }
}

pub(super) fn line(request: &str) -> String {
    format!("{request} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// Sends everything, and reads until the server closes.
pub(super) fn last_answer(mut stream: impl std::io::Read + Write, request: &[u8]) -> String {
    let closing = String::from_utf8_lossy(request).replacen("\r\n", "\r\nConnection: close\r\n", 1);
    stream.write_all(closing.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

pub(super) fn ask_admin(control: &Control, request: &str) -> String {
    let mut stream = TcpStream::connect(control.admin_address().unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    last_answer(&mut stream, request.as_bytes())
}

pub(super) fn status_of(answer: &str) -> u16 {
    answer.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
}

pub(super) fn body_of(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

/// Reads one answer of a connection that goes on.
pub(super) fn next_answer(stream: &mut impl std::io::BufRead) -> String {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "closed after {head:?}");
        head.push_str(&line);
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}
