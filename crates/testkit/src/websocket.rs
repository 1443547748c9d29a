//! A WebSocket client of the few frames that tests need.

use crate::raw::{Raw, Trouble};
use crate::response::Response;

/// The example key of RFC 6455, 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What RFC 6455, 1.3 computes from it.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opcode {
    /// UTF-8 text.
    Text,
    /// Bytes.
    Binary,
    /// The end.
    Close,
    /// A question for a [`Opcode::Pong`].
    Ping,
    /// The answer to a [`Opcode::Ping`].
    Pong,
}

/// An open WebSocket.
pub struct WebSocket {
    raw: Raw,
}

impl WebSocket {
    /// Opens `path` at `port` of this host; `fields` are added as they are, each with its CRLF.
    ///
    /// # Panics
    /// When the server does not switch protocols as RFC 6455 asks.
    #[must_use]
    pub fn open(port: u16, path: &str, fields: &str) -> Self {
        let (raw, response) = Self::try_open(port, path, fields);
        assert_eq!(response.status, 101, "{response:?}");
        assert_eq!(response.field("sec-websocket-accept"), Some(ACCEPT), "{response:?}");
        Self { raw }
    }

    /// Asks for a WebSocket and returns whatever the server answers.
    ///
    /// # Panics
    /// When it answers nothing.
    #[must_use]
    pub fn try_open(port: u16, path: &str, fields: &str) -> (Raw, Response) {
        let mut raw = Raw::connect(port);
        raw.send(format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\
             {fields}\r\n"
        ));
        let response = raw.response().unwrap_or_else(|trouble| panic!("{path}: {trouble}"));
        (raw, response)
    }

    /// Sends a whole message, masked as clients must.
    pub fn send(&mut self, opcode: Opcode, payload: &[u8]) {
        let code = match opcode {
            Opcode::Text => 1,
            Opcode::Binary => 2,
            Opcode::Close => 8,
            Opcode::Ping => 9,
            Opcode::Pong => 10,
        };
        let mut frame = vec![0x80 | code];
        if let Ok(length @ 0..=125) = u8::try_from(payload.len()) {
            frame.push(0x80 | length);
        } else if let Ok(length) = u16::try_from(payload.len()) {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        } else {
            frame.push(0x80 | 127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
        frame.extend(MASK);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        self.raw.send(frame);
    }

    /// The next message, put together from its frames.
    ///
    /// # Errors
    /// When the connection ends or stays silent.
    ///
    /// # Panics
    /// When a server masks a frame or uses reserved bits.
    pub fn receive(&mut self) -> Result<(Opcode, Vec<u8>), Trouble> {
        let mut message: Option<(Opcode, Vec<u8>)> = None;
        loop {
            let head = self.raw.read_exact(2)?;
            assert_eq!(head[0] & 0x70, 0, "reserved bits");
            assert_eq!(head[1] & 0x80, 0, "a server must not mask");
            let length = match head[1] {
                126 => big_endian(&self.raw.read_exact(2)?),
                127 => big_endian(&self.raw.read_exact(8)?),
                short => usize::from(short),
            };
            let payload = self.raw.read_exact(length)?;
            match head[0] & 0x0f {
                0 => message.as_mut().expect("a message goes on").1.extend(payload),
                1 => message = Some((Opcode::Text, payload)),
                2 => message = Some((Opcode::Binary, payload)),
                8 => return Ok((Opcode::Close, payload)),
                9 => return Ok((Opcode::Ping, payload)),
                10 => return Ok((Opcode::Pong, payload)),
                other => panic!("opcode {other}"),
            }
            if head[0] & 0x80 != 0 {
                return Ok(message.expect("a message"));
            }
        }
    }

    /// Waits for the end of the connection.
    ///
    /// # Errors
    /// When bytes come first, or nothing happens.
    pub fn closed(&mut self) -> Result<(), Trouble> {
        self.raw.closed()
    }
}

fn big_endian(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}
