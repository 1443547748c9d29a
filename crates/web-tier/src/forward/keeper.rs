//! What is kept of a body that is being sent, for another try.

use std::cell::Cell;

/// Keeps what is sent of a body, up to a bound.
#[derive(Debug)]
pub(crate) struct Keeper<'o> {
    sent: &'o mut Vec<u8>,
    room: usize,
    held: &'o Cell<bool>,
}

impl<'o> Keeper<'o> {
    /// Keeps up to `room` more bytes at the end of `sent`. `held` is cleared when that is too
    /// little.
    pub(crate) fn new(sent: &'o mut Vec<u8>, room: usize, held: &'o Cell<bool>) -> Self {
        Self { sent, room, held }
    }

    /// Keeps what is about to be sent.
    pub(crate) fn keep(&mut self, bytes: &[u8]) {
        if !self.held.get() {
            return;
        }
        match self.room.checked_sub(bytes.len()) {
            Some(room) => {
                self.room = room;
                self.sent.extend_from_slice(bytes);
            }
            None => {
                self.held.set(false);
                // Nobody will send it again, so nobody needs it.
                *self.sent = Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_held_up_to_its_bound_and_not_a_byte_beyond() {
        let (mut sent, held) = (b"head".to_vec(), Cell::new(true));
        let mut keeper = Keeper::new(&mut sent, 6, &held);
        keeper.keep(b"abc");
        keeper.keep(b"def");
        keeper.keep(b"");
        assert_eq!((held.get(), &keeper.sent[..]), (true, &b"headabcdef"[..]));
        keeper.keep(b"g");
        assert!(!held.get());
        keeper.keep(b"");
        assert_eq!((sent.len(), sent.capacity()), (0, 0));
    }
}
