//! One connection, on which each request waits for the answer to the one before.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// One connection, on which each request waits for the answer to the one before.
#[derive(Debug)]
pub struct Line {
    stream: TcpStream,
    /// One for a session of each origin.
    requests: [Vec<u8>; 2],
    read: Vec<u8>,
}

/// The sessions of `road.d/load.lua`.
const SESSIONS: [&str; 2] = ["abaX8ZwooOzQd0123456789abc", "babX8ZwooOzQd0123456789abc"];

/// As long as an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

impl Line {
    /// Connects.
    ///
    /// # Errors
    /// What the system says.
    pub fn connect(address: SocketAddr, path: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let requests = SESSIONS.map(|session| request(address, path, session));
        Ok(Self { stream, requests, read: vec![0; 64 << 10] })
    }

    /// Sends the request of this number when it is due, or at once if that is over; returns the
    /// time from when it was due to the last byte of its answer.
    ///
    /// # Errors
    /// When the answer is not a whole one with status 200, or the socket says something.
    pub fn exchange(&mut self, number: u32, due: Instant) -> io::Result<Duration> {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        let [even, odd] = &self.requests;
        // The bits' sum, so that a connection does not stay with one of the origins.
        self.stream.write_all(if number.count_ones().is_multiple_of(2) { even } else { odd })?;
        let mut there = 0;
        loop {
            let room = self.read.get_mut(there..).unwrap_or_default();
            match self.stream.read(room)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => there += count,
            }
            let answer = self.read.get(..there).unwrap_or_default();
            match whole_length(answer) {
                Some(length) if there == length => return Ok(due.elapsed()),
                Some(length) if there > length => return Err(io::ErrorKind::InvalidData.into()),
                Some(length) => self.read.resize(length.max(self.read.len()), 0),
                None if there == self.read.len() => return Err(io::ErrorKind::InvalidData.into()),
                None => {}
            }
        }
    }
}

fn request(address: SocketAddr, path: &str, session: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n\
         Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
         Accept-Language: en-GB,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n\
         Cookie: theme=dark; JSESSIONID={session}\r\n\r\n"
    )
    .into_bytes()
}

/// How long the answer is, head and body, as soon as its head is complete; 0 when it is bad.
fn whole_length(answer: &[u8]) -> Option<usize> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(answer.get(..end)?).unwrap_or_default();
    if !head.starts_with("HTTP/1.1 200") {
        return Some(0);
    }
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    let length = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Some(length.and_then(|(_, value)| value.parse::<usize>().ok()).map_or(0, |body| end + body))
}
