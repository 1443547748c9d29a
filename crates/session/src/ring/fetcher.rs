//! Where it is told which sessions are to be read from the disk.

use std::sync::mpsc::{Receiver, Sender, channel};

use copal_replica::effects::Fetch;

/// Hands over what is to be read. What is read is told to the engine. When it is dropped its threads end,
/// each after the read at which it is.
#[derive(Debug)]
pub(crate) struct Fetcher(Sender<Fetch>);

impl Fetcher {
    /// With nobody who reads yet.
    pub(crate) fn new() -> (Self, Receiver<Fetch>) {
        let (sender, receiver) = channel();
        (Self(sender), receiver)
    }

    /// This is to be read. Does not wait.
    pub(crate) fn fetch(&self, fetch: Fetch) {
        // A ring that has ended needs nothing any more.
        let _ = self.0.send(fetch);
    }
}
