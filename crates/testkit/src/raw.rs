//! A client that sends exactly the bytes it is given.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

use crate::door::Door;
use crate::response::{Parsed, Response};

/// A client that sends exactly the bytes it is given and reads responses strictly.
pub struct Raw {
    stream: TcpStream,
    held: Vec<u8>,
    ended: bool,
    reset: bool,
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The connection ended before the first byte of a response.
    Closed,
    /// The connection ended inside a response; these bytes had come.
    CutOff(String),
    /// Nothing came for [`Raw::PATIENCE`]; these bytes had come before.
    Silent(String),
    /// The bytes are no strict response.
    Malformed(String),
    /// Bytes came where the connection should have ended.
    Extra(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => write!(f, "the connection ended without an answer"),
            Self::CutOff(got) => write!(f, "the connection ended inside a response, after {got}"),
            Self::Silent(got) => write!(f, "no answer in time, after {got}"),
            Self::Malformed(why) => write!(f, "not a strict response: {why}"),
            Self::Extra(got) => write!(f, "bytes instead of the end: {got}"),
        }
    }
}

impl Raw {
    /// How long a read waits for the next byte.
    pub const PATIENCE: Duration = Duration::from_secs(20);

    /// Connects to a port of this host, or to an address.
    ///
    /// # Panics
    /// When nobody listens there.
    #[must_use]
    pub fn connect(door: impl Into<Door>) -> Self {
        let address = door.into().address();
        Self::try_connect(address).unwrap_or_else(|error| panic!("connect to {address}: {error}"))
    }

    /// Connects to a port of this host or to an address, or says why it cannot.
    ///
    /// # Errors
    /// What the system says.
    pub fn try_connect(door: impl Into<Door>) -> std::io::Result<Self> {
        Self::with(TcpStream::connect_timeout(&door.into().address(), Self::PATIENCE)?)
    }

    fn with(stream: TcpStream) -> std::io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Self::PATIENCE))?;
        stream.set_write_timeout(Some(Self::PATIENCE))?;
        Ok(Self { stream, held: Vec::new(), ended: false, reset: false })
    }

    /// Connects as over a network, with segments of 1460 bytes and little room for what nobody has
    /// read. On loopback a segment has 64 KB and the room grows to megabytes, of which a sixteenth
    /// must be read before the sender hears of it: a slow client looks as if it took nothing.
    ///
    /// # Panics
    /// When nobody listens there.
    #[must_use]
    pub fn connect_from_afar(port: u16) -> Self {
        Self::try_connect_from_afar(port)
            .unwrap_or_else(|error| panic!("connect to port {port}: {error}"))
    }

    fn try_connect_from_afar(port: u16) -> std::io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_tcp_mss(1460)?;
        socket.set_recv_buffer_size(64 << 10)?;
        socket.connect(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
        Self::with(socket.into())
    }

    /// Sends the bytes. That the peer has closed already is no failure: what it said before is
    /// still read.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        // The response, or its absence, tells what became of the bytes.
        drop(self.stream.write_all(bytes.as_ref()));
        self
    }

    /// Sends the bytes in packets of `size`.
    pub fn send_in_pieces(&mut self, bytes: &[u8], size: usize) -> &mut Self {
        for piece in bytes.chunks(size) {
            self.send(piece);
        }
        self
    }

    /// Says that no more will be sent, and goes on reading.
    pub fn finish(&mut self) -> &mut Self {
        // A peer that is gone already has heard enough.
        drop(self.stream.shutdown(Shutdown::Write));
        self
    }

    /// The final response to a request that is not HEAD.
    ///
    /// # Errors
    /// Why there is none.
    pub fn response(&mut self) -> Result<Response, Trouble> {
        self.final_response(false)
    }

    /// The final response to a HEAD request.
    ///
    /// # Errors
    /// Why there is none.
    pub fn response_to_head(&mut self) -> Result<Response, Trouble> {
        self.final_response(true)
    }

    /// The next response, be it an interim one.
    ///
    /// # Errors
    /// Why there is none.
    pub fn any_response(&mut self, to_head: bool) -> Result<Response, Trouble> {
        loop {
            match Response::parse(&self.held, to_head, self.ended) {
                Err(why) => return Err(Trouble::Malformed(format!("{why} in {}", self.shown()))),
                Ok(Parsed::Whole(response, taken)) => {
                    self.held.drain(..taken);
                    return Ok(response);
                }
                Ok(Parsed::Partial) if self.ended && self.held.is_empty() => {
                    return Err(Trouble::Closed);
                }
                Ok(Parsed::Partial) if self.ended => return Err(Trouble::CutOff(self.shown())),
                Ok(Parsed::Partial) => self.read_more()?,
            }
        }
    }

    /// Waits for the end of the connection.
    ///
    /// # Errors
    /// When bytes come first, or nothing happens.
    pub fn closed(&mut self) -> Result<(), Trouble> {
        while self.held.is_empty() && !self.ended {
            self.read_more()?;
        }
        if self.held.is_empty() { Ok(()) } else { Err(Trouble::Extra(self.shown())) }
    }

    /// Whether nothing comes for as long as `time`, neither a byte nor the end. What comes is kept
    /// for the next read.
    pub fn is_silent_for(&mut self, time: Duration) -> bool {
        if !self.held.is_empty() || self.ended {
            return false;
        }
        self.stream.set_read_timeout(Some(time)).expect("a socket takes a timeout above zero");
        let silent = matches!(self.read_more(), Err(Trouble::Silent(_)));
        self.stream.set_read_timeout(Some(Self::PATIENCE)).expect("a socket takes a timeout");
        silent
    }

    /// Everything that comes until the connection ends.
    ///
    /// # Errors
    /// When it does not end.
    pub fn read_until_close(&mut self) -> Result<Vec<u8>, Trouble> {
        while !self.ended {
            self.read_more()?;
        }
        Ok(std::mem::take(&mut self.held))
    }

    /// At least one byte and at most `most`; an empty vector at the end of the connection.
    ///
    /// # Errors
    /// When nothing comes.
    pub fn read_some(&mut self, most: usize) -> Result<Vec<u8>, Trouble> {
        while self.held.is_empty() && !self.ended {
            self.read_more()?;
        }
        let taken = most.min(self.held.len());
        Ok(self.held.drain(..taken).collect())
    }

    /// Exactly `count` bytes.
    ///
    /// # Errors
    /// When the connection ends first, or nothing comes.
    pub fn read_exact(&mut self, count: usize) -> Result<Vec<u8>, Trouble> {
        while self.held.len() < count {
            if self.ended {
                return Err(Trouble::CutOff(self.shown()));
            }
            self.read_more()?;
        }
        Ok(self.held.drain(..count).collect())
    }

    /// Whether the connection, which has ended, was broken off (ECONNRESET) and not closed.
    #[must_use]
    pub fn was_reset(&self) -> bool {
        self.reset
    }

    /// The local port of the connection.
    #[must_use]
    pub fn local_port(&self) -> u16 {
        self.stream.local_addr().map_or(0, |address| address.port())
    }

    fn final_response(&mut self, to_head: bool) -> Result<Response, Trouble> {
        let mut interim = Vec::new();
        loop {
            let mut response = self.any_response(to_head)?;
            if response.status < 200 && response.status != 101 {
                interim.push(response.status);
                continue;
            }
            response.interim = interim;
            return Ok(response);
        }
    }

    fn read_more(&mut self) -> Result<(), Trouble> {
        let mut room = vec![0; 64 << 10];
        loop {
            match self.stream.read(&mut room) {
                Ok(0) => self.ended = true,
                Ok(count) => self.held.extend_from_slice(&room[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if is_timeout(error.kind()) => {
                    return Err(Trouble::Silent(self.shown()));
                }
                Err(error) => {
                    self.ended = true;
                    self.reset = error.kind() == ErrorKind::ConnectionReset;
                }
            }
            return Ok(());
        }
    }

    fn shown(&self) -> String {
        let shown = &self.held[..self.held.len().min(600)];
        format!("{} bytes {:?}", self.held.len(), shown.escape_ascii().to_string())
    }
}

fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// The response to one request on a connection of its own.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn ask(door: impl Into<Door>, request: impl AsRef<[u8]>) -> Response {
    let mut client = Raw::connect(door);
    client.send(request.as_ref());
    client.response().unwrap_or_else(|trouble| {
        panic!("{trouble}; the request was {}", request.as_ref().escape_ascii())
    })
}

/// The response to `GET path` on a connection of its own.
#[must_use]
pub fn get(door: impl Into<Door>, path: &str) -> Response {
    ask(door, format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
}
