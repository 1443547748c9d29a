//! Pipes of one worker thread, in which the kernel holds bytes between two sockets.

use std::cell::{Cell, RefCell};
use std::os::fd::OwnedFd;
use std::rc::Rc;

use rustix::pipe::{PipeFlags, fcntl_getpipe_size, fcntl_setpipe_size, pipe_with};

use crate::limits::{MAX_PIPES, PIPE_SIZE, SPARE_PIPES};

/// What a pipe holds at least, in bytes, when the system does not say.
const SMALLEST: usize = 4096;

/// Pipes of one worker thread, bounded in number and kept for the next large body.
#[derive(Debug, Default)]
pub(crate) struct Pipes {
    free: RefCell<Vec<Ends>>,
    /// How many are out.
    lent: Rc<Cell<usize>>,
}

#[derive(Debug)]
struct Ends {
    read: OwnedFd,
    write: OwnedFd,
    size: usize,
}

/// An empty pipe, lent. One that is dropped instead of put back may hold bytes of somebody's body
/// and is closed.
#[derive(Debug)]
pub(crate) struct Pipe {
    ends: Ends,
    _lent: Lent,
}

/// Counts one pipe that is out.
#[derive(Debug)]
struct Lent(Rc<Cell<usize>>);

impl Pipes {
    /// An empty pipe; `None` when too many are out, or the system has none to give.
    pub(crate) fn take(&self) -> Option<Pipe> {
        if self.lent.get() >= MAX_PIPES {
            return None;
        }
        let spare = self.free.borrow_mut().pop();
        let ends = spare.or_else(Ends::make)?;
        Some(Pipe { ends, _lent: Lent::new(&self.lent) })
    }

    /// Takes back a pipe that is empty again.
    pub(crate) fn put(&self, pipe: Pipe) {
        let mut free = self.free.borrow_mut();
        if free.len() < SPARE_PIPES {
            free.push(pipe.ends);
        }
    }
}

impl Ends {
    fn make() -> Option<Self> {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).ok()?;
        // Refused to users who have many large pipes already; a small one works as well, with
        // more system calls.
        let size = fcntl_setpipe_size(&write, PIPE_SIZE).or_else(|_| fcntl_getpipe_size(&write));
        Some(Self { read, write, size: size.unwrap_or(SMALLEST) })
    }
}

impl Lent {
    fn new(count: &Rc<Cell<usize>>) -> Self {
        count.set(count.get() + 1);
        Self(Rc::clone(count))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Pipe {
    /// Where bytes come out.
    pub(crate) fn read(&self) -> &OwnedFd {
        &self.ends.read
    }

    /// Where bytes go in.
    pub(crate) fn write(&self) -> &OwnedFd {
        &self.ends.write
    }

    /// How many bytes it holds.
    pub(crate) fn size(&self) -> usize {
        self.ends.size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_lent_and_come_back() {
        let pipes = Pipes::default();
        let all: Vec<Pipe> = (0..MAX_PIPES).map_while(|_| pipes.take()).collect();
        assert_eq!(all.len(), MAX_PIPES);
        assert!(pipes.take().is_none());
        all.into_iter().for_each(|pipe| pipes.put(pipe));
        assert_eq!((pipes.lent.get(), pipes.free.borrow().len()), (0, SPARE_PIPES));
    }

    #[test]
    fn one_that_may_hold_bytes_is_not_used_again() {
        let pipes = Pipes::default();
        drop(pipes.take());
        assert_eq!((pipes.lent.get(), pipes.free.borrow().len()), (0, 0));
    }
}
