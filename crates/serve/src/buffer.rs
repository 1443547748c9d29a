//! Memory for bytes that are on their way, lent by the worker thread and given back.
//!
//! A connection that waits holds no buffer. It takes one when its socket has something to say
//! and gives it back when everything in it has gone on, so that ten thousand idle connections
//! and a few busy ones share a handful of buffers.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::ops::{Deref, DerefMut};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt};

/// The size of a lent buffer: what one system call moves at most. Many programs write bodies in
/// pieces of 64 KB; one of them and its head fit in.
pub const SIZE: usize = 72 << 10;

/// How many buffers a thread keeps for later; more are given back to the allocator.
const KEPT: usize = 64;

/// The buffers of one worker thread.
#[derive(Debug, Default)]
pub struct Buffers {
    free: RefCell<Vec<Vec<u8>>>,
}

impl Buffers {
    fn lend(&self) -> Vec<u8> {
        let spare = self.free.borrow_mut().pop();
        spare.unwrap_or_else(|| Vec::with_capacity(SIZE))
    }

    fn take_back(&self, mut bytes: Vec<u8>) {
        let mut free = self.free.borrow_mut();
        // One that grew beyond the usual, or was made small for waiting, is not worth keeping.
        if bytes.capacity() == SIZE && free.len() < KEPT {
            bytes.clear();
            free.push(bytes);
        }
    }
}

/// Memory to write a message into before it is sent; lent, and given back when dropped.
#[derive(Debug)]
pub struct Scratch {
    buffers: Rc<Buffers>,
    bytes: Vec<u8>,
}

impl Scratch {
    /// An empty one.
    #[must_use]
    pub fn new(buffers: &Rc<Buffers>) -> Self {
        Self { buffers: Rc::clone(buffers), bytes: buffers.lend() }
    }
}

impl Deref for Scratch {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.bytes
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.buffers.take_back(std::mem::take(&mut self.bytes));
    }
}

/// Bytes that were read and not yet used; empty ones hold no memory.
#[derive(Debug)]
pub struct Buffer {
    buffers: Rc<Buffers>,
    bytes: Vec<u8>,
    /// How many of `bytes` are used.
    used: usize,
}

impl Buffer {
    /// An empty buffer, which takes no memory yet.
    #[must_use]
    pub fn new(buffers: &Rc<Buffers>) -> Self {
        Self { buffers: Rc::clone(buffers), bytes: Vec::new(), used: 0 }
    }

    /// What was read and not yet used.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.bytes.get(self.used..).unwrap_or_default()
    }

    /// Whether everything that was read is used.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.used >= self.bytes.len()
    }

    /// Marks the first `count` bytes of [`data`](Self::data) as used.
    pub fn consume(&mut self, count: usize) {
        self.used = self.used.saturating_add(count).min(self.bytes.len());
        if self.is_empty() {
            self.release();
        }
    }

    /// Reads once, behind what is there already; 0 is the end of the stream.
    ///
    /// While nothing comes, what is left moves into memory of its own size and the lent buffer
    /// goes back: a client that sends a byte a second costs what it sent, not a whole buffer.
    ///
    /// # Errors
    /// What the stream says.
    pub async fn read(&mut self, stream: &mut (impl AsyncRead + Unpin)) -> io::Result<usize> {
        poll_fn(|context| self.poll_read(context, stream)).await
    }

    /// As [`read`](Self::read).
    pub fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        stream: &mut (impl AsyncRead + Unpin),
    ) -> Poll<io::Result<usize>> {
        self.make_room();
        let read = pin!(stream.read_buf(&mut self.bytes)).poll(context);
        match read {
            Poll::Ready(Ok(1..)) => {}
            Poll::Ready(_) | Poll::Pending => self.park(),
        }
        read
    }

    fn park(&mut self) {
        if self.is_empty() {
            self.release();
        } else if self.bytes.capacity() >= SIZE && self.data().len() < SIZE / 8 {
            let rest = self.data().to_vec();
            self.release();
            self.bytes = rest;
        }
    }

    fn make_room(&mut self) {
        if self.bytes.capacity() < SIZE {
            let mut room = self.buffers.lend();
            room.extend_from_slice(self.data());
            self.bytes = room;
            self.used = 0;
        } else if self.used > 0 {
            self.bytes.drain(..self.used);
            self.used = 0;
        }
    }

    fn release(&mut self) {
        self.used = 0;
        self.buffers.take_back(std::mem::take(&mut self.bytes));
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_is_lent_and_given_back() {
        let buffers = Rc::new(Buffers::default());
        let mut buffer = Buffer::new(&buffers);
        assert_eq!(buffer.bytes.capacity(), 0);
        assert_eq!(buffer.read(&mut &b"hello"[..]).await.unwrap(), 5);
        buffer.consume(2);
        assert_eq!(buffer.data(), b"llo");
        assert_eq!(buffer.read(&mut &b" you"[..]).await.unwrap(), 4);
        assert_eq!(buffer.data(), b"llo you");
        buffer.consume(7);
        assert!(buffer.is_empty());
        assert_eq!(buffer.bytes.capacity(), 0);
        assert_eq!(buffers.free.borrow().len(), 1);
    }

    #[tokio::test]
    async fn the_end_of_a_stream_leaves_nothing_behind() {
        let buffers = Rc::new(Buffers::default());
        let mut buffer = Buffer::new(&buffers);
        assert_eq!(buffer.read(&mut &b""[..]).await.unwrap(), 0);
        assert_eq!(buffer.bytes.capacity(), 0);
    }

    #[tokio::test]
    async fn what_waits_keeps_its_bytes_in_little_memory() {
        let buffers = Rc::new(Buffers::default());
        let mut buffer = Buffer::new(&buffers);
        buffer.read(&mut &b"GET / HT"[..]).await.unwrap();
        let (_silent, mut stream) = tokio::io::duplex(64);
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(buffer.poll_read(&mut context, &mut stream).is_pending());
        assert_eq!(buffer.data(), b"GET / HT");
        assert!(buffer.bytes.capacity() < 64);
        buffer.read(&mut &b"TP/1.1"[..]).await.unwrap();
        assert_eq!(buffer.data(), b"GET / HTTP/1.1");
    }

    #[tokio::test]
    async fn more_than_one_buffer_holds_can_be_read() {
        let buffers = Rc::new(Buffers::default());
        let mut buffer = Buffer::new(&buffers);
        let long = vec![7_u8; SIZE * 2];
        let mut source = &long[..];
        while buffer.read(&mut source).await.unwrap() > 0 {}
        assert_eq!(buffer.data().len(), SIZE * 2);
    }
}
