//! A frame on a ring link: its length, what it is for, and its content.
//!
//! There is no checksum. A link runs over TCP, or over TLS with certificates, whose authentication
//! of every byte is stronger than any checksum of ours. TCP alone lets a rare error through; what it
//! does to lengths and tags is refused by whoever reads the frame, and where a network is not to be
//! trusted with the rest, TLS is the answer, since it also keeps others from writing.

use bytes::{BufMut as _, Bytes, BytesMut};

use crate::limits;

/// The path of the request that begins a link.
pub const PATH: &str = "/.copal/ring";

/// What that request asks for in `Upgrade`.
pub const UPGRADE: &str = "copal-ring/1";

/// The bytes before the content of a frame.
pub const HEAD: usize = LENGTH + 1;

/// The bytes of a length.
pub(crate) const LENGTH: usize = 4;

/// What a frame is for. A number is never used for something else later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    /// What a server says of itself. The first frame of each side.
    Hello = 1,
    /// The link does not come about, and this is why, for a person. The last frame.
    Refusal = 2,
    /// The link ends, and this is why, for a person. The last frame.
    Goodbye = 3,
    /// Something about one session.
    Session = 4,
    /// "Are you there?"
    Heartbeat = 5,
    /// "I am here."
    HeartbeatAnswer = 6,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 6] = [
        Self::Hello,
        Self::Refusal,
        Self::Goodbye,
        Self::Session,
        Self::Heartbeat,
        Self::HeartbeatAnswer,
    ];

    /// The byte that stands for it.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The channel that a byte stands for, or `None` for one of a later version.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.number() == number)
    }

    /// How many bytes of content a frame may have.
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::Hello => limits::HELLO,
            Self::Refusal | Self::Goodbye => limits::REASON,
            Self::Session => limits::SESSION_FRAME,
            Self::Heartbeat | Self::HeartbeatAnswer => limits::HEARTBEAT,
        }
    }
}

/// A frame that has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkFrame {
    /// What it is for.
    pub channel: Channel,
    /// What it says.
    pub content: Bytes,
}

/// A frame is longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame has {length} bytes; the limit is {limit}")]
pub struct TooLong {
    /// Bytes of its content.
    pub length: usize,
    /// How many there may be.
    pub limit: usize,
}

/// What stands before `length` bytes of content.
///
/// # Errors
/// [`TooLong`]: such a frame would end the link.
pub fn head(channel: Channel, length: usize) -> Result<[u8; HEAD], TooLong> {
    let limit = channel.limit();
    let too_long = TooLong { length, limit };
    if length > limit {
        return Err(too_long);
    }
    let [a, b, c, d] = u32::try_from(length + 1).map_err(|_| too_long)?.to_be_bytes();
    Ok([a, b, c, d, channel.number()])
}

/// Puts a whole frame behind what is in `out`.
///
/// # Errors
/// [`TooLong`]; then nothing was written.
pub fn put(out: &mut BytesMut, channel: Channel, content: &[u8]) -> Result<(), TooLong> {
    let head = head(channel, content.len())?;
    out.reserve(HEAD + content.len());
    out.put_slice(&head);
    out.put_slice(content);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_numbered_from_one_without_a_gap() {
        for (channel, number) in Channel::ALL.into_iter().zip(1..) {
            assert_eq!(channel.number(), number);
            assert_eq!(Channel::from_number(number), Some(channel));
        }
        assert_eq!(Channel::from_number(0), None);
        assert_eq!(Channel::from_number(7), None);
    }

    #[test]
    fn both_sides_of_every_limit() {
        for channel in Channel::ALL {
            let limit = channel.limit();
            assert!(head(channel, limit).is_ok());
            let length = limit + 1;
            assert_eq!(head(channel, length), Err(TooLong { length, limit }));
        }
        let mut out = BytesMut::new();
        let too_long = put(&mut out, Channel::Heartbeat, &[0; 4097]).unwrap_err();
        assert!(out.is_empty());
        assert_eq!(too_long.to_string(), "a frame has 4097 bytes; the limit is 4096");
    }

    #[test]
    fn the_bytes_are_those_of_the_documentation() {
        let mut out = BytesMut::new();
        put(&mut out, Channel::Goodbye, b"app-b stops").unwrap();
        let hex: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = "0000000c036170702d622073746f7073";
        assert_eq!(hex, expected);
        let documentation = include_str!("../../../docs/wire.md");
        assert!(documentation.contains(&format!("`{expected}`")));
    }
}
