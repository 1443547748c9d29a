//! A request on its way to a server: its head, and as much of its body as was sent.

use std::cell::Cell;

use copal_config::limits::Limits;
use copal_http1::write;
use copal_protocol::hello::{self, Proof};
use copal_serve::buffer::Scratch;

use crate::client::Client;
use crate::facts::Facts;
use crate::forward::failure::Failure;
use crate::forward::keeper::Keeper;
use crate::forward::upload::Upload;
use crate::limits::HELD;

/// A request on its way to a server.
///
/// What was sent of it stays here until it is more than [`HELD`], so that it can be sent to
/// another server.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// The head, and what was sent of the body, framed as it was sent.
    sent: Scratch,
    head_length: usize,
    pub(crate) upload: Upload,
    /// The client was told to go on with its body.
    pub(crate) continued: bool,
}

impl Outgoing {
    /// Takes in what `client` has sent of the body already. `head` is as it goes to the server.
    ///
    /// # Errors
    /// A [`Failure`] of the client.
    pub(crate) fn new(
        head: Scratch,
        facts: &Facts,
        client: &mut Client,
        limits: &Limits,
    ) -> Result<Self, Failure> {
        let mut upload = Upload::new(facts, limits)?;
        let (head_length, mut sent) = (head.len(), head);
        let used = upload.encode(client.inbox.data(), &mut sent)?;
        client.inbox.consume(used);
        Ok(Self { sent, head_length, upload, continued: false })
    }

    /// Everything that a server has to be sent before the rest of the body.
    pub(crate) fn beginning(&self) -> &[u8] {
        &self.sent
    }

    /// The same with our proof in its head: this is the first request after a hello.
    pub(crate) fn proven_beginning(&self, proof: &Proof) -> Vec<u8> {
        // In front of the empty line that ends the head.
        let end = self.head_length.saturating_sub(2);
        let (head, rest) = self.sent.split_at_checked(end).unwrap_or((&self.sent, &[]));
        let mut beginning = Vec::with_capacity(self.sent.len() + 128);
        beginning.extend_from_slice(head);
        write::field(&mut beginning, hello::PROOF.as_bytes(), proof.to_string().as_bytes());
        beginning.extend_from_slice(rest);
        beginning
    }

    /// The rest of the body, and what keeps it for another try.
    pub(crate) fn rest<'o>(&'o mut self, held: &'o Cell<bool>) -> (&'o mut Upload, Keeper<'o>) {
        let room = (self.head_length + HELD).saturating_sub(self.sent.len());
        (&mut self.upload, Keeper::new(&mut self.sent, room, held))
    }
}
