//! Pipes of one worker thread, in which the kernel holds bytes between two sockets.

use std::cell::RefCell;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use rustix::pipe::{PipeFlags, fcntl_setpipe_size, pipe_with};

use crate::limits::{MAX_PIPES, PIPE_SIZE};

/// Pipes of one worker thread, kept for the next large body.
#[derive(Debug, Default)]
pub(crate) struct Pipes {
    free: RefCell<Vec<Pipe>>,
}

/// A pipe; empty whenever it lies in [`Pipes`].
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) read: OwnedFd,
    pub(crate) write: OwnedFd,
    /// How many bytes it holds.
    pub(crate) size: usize,
}

impl Pipes {
    /// An empty pipe; `None` when the system has none to give.
    pub(crate) fn take(&self) -> Option<Pipe> {
        if let Some(pipe) = self.free.borrow_mut().pop() {
            return Some(pipe);
        }
        let (read, write) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).ok()?;
        // Refused to users who have many large pipes already; a small one works as well, with
        // more system calls.
        let size = fcntl_setpipe_size(&write, PIPE_SIZE).unwrap_or(PIPE_SIZE / 16);
        Some(Pipe { read, write, size })
    }

    /// Takes an empty pipe back. One with bytes in it must be dropped instead.
    pub(crate) fn put(self: &Rc<Self>, pipe: Pipe) {
        let mut free = self.free.borrow_mut();
        if free.len() < MAX_PIPES {
            free.push(pipe);
        }
    }
}
