//! The way from bytes that arrive on a ring link to frames.

use bytes::{Buf as _, Bytes, BytesMut};

use crate::limits;
use crate::link_frame::{Channel, HEAD, LENGTH, LinkFrame, TooLong};

/// Finds the frames in what arrives. Frames of channels that are not known here are dropped as they
/// come.
///
/// Room is made for a frame only as its bytes arrive: a length of 16 MiB and nothing after it costs
/// [`limits::RESERVE`].
#[derive(Debug, Default)]
pub struct Decoder {
    /// So many bytes of an unknown frame are still to come.
    skipping: usize,
    skipped: u64,
}

/// Why nothing more can be read from a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    /// A frame that has not even a channel.
    #[error("a frame has no channel")]
    NoChannel,
    /// A frame is longer than it may be.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}

impl Decoder {
    /// Takes the next frame out of what has arrived; `None` when more has to arrive first.
    ///
    /// # Errors
    /// [`BadLink`]: where the next frame would begin is not known any more.
    pub fn next(&mut self, arrived: &mut BytesMut) -> Result<Option<LinkFrame>, BadLink> {
        loop {
            let dropped = self.skipping.min(arrived.len());
            arrived.advance(dropped);
            self.skipping -= dropped;
            if self.skipping > 0 {
                return Ok(None);
            }
            let Some(length) = content_length(arrived)? else { return Ok(None) };
            let Some(number) = arrived.get(LENGTH) else { return Ok(None) };
            let Some(channel) = Channel::from_number(*number) else {
                self.skipping = HEAD + length;
                self.skipped = self.skipped.saturating_add(1);
                continue;
            };
            check(length, channel.limit())?;
            if arrived.len() < HEAD + length {
                return Ok(None);
            }
            arrived.advance(HEAD);
            return Ok(Some(LinkFrame { channel, content: take(arrived, length) }));
        }
    }

    /// Makes room for what is to arrive next: the rest of the frame that has begun, but not much more
    /// than as many bytes as have arrived.
    pub fn reserve(&self, arrived: &mut BytesMut) {
        if arrived.capacity() - arrived.len() >= limits::LEAST_RESERVE {
            // To ask for more with every byte would double the memory again and again.
            return;
        }
        let missing = match content_length(arrived) {
            Ok(Some(length)) if self.skipping == 0 => (HEAD + length).saturating_sub(arrived.len()),
            _ => 0,
        };
        arrived.reserve(missing.clamp(limits::LEAST_RESERVE, limits::RESERVE));
    }

    /// How many frames of unknown channels have come.
    #[must_use]
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }
}

/// The length of the content of the frame that begins here, when it can be seen.
fn content_length(arrived: &BytesMut) -> Result<Option<usize>, BadLink> {
    let Some(length) = arrived.first_chunk::<LENGTH>() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
    let length = length.checked_sub(1).ok_or(BadLink::NoChannel)?;
    // No channel has a higher one.
    check(length, limits::SESSION_FRAME)?;
    Ok(Some(length))
}

fn check(length: usize, limit: usize) -> Result<(), TooLong> {
    if length > limit { Err(TooLong { length, limit }) } else { Ok(()) }
}

fn take(arrived: &mut BytesMut, length: usize) -> Bytes {
    if length > limits::COPIED {
        return arrived.split_to(length).freeze();
    }
    let content = arrived.get(..length).map(Bytes::copy_from_slice).unwrap_or_default();
    arrived.advance(length);
    content
}

#[cfg(test)]
mod tests;
