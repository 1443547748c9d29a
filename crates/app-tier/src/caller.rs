//! The other end of a connection, as its exchanges see it.

use std::cell::{Cell, RefCell};
use std::net::IpAddr;

use hyper::upgrade::OnUpgrade;

use crate::conversation::{Conversation, Turn};
use crate::entrance::{Audience, Entrance, Waits};
use crate::guests::Stranger;
use crate::trust::Standing;

/// The other end of a connection, as its exchanges see it.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) audience: Audience,
    pub(crate) peer: IpAddr,
    pub(crate) standing: Cell<Standing>,
    /// As long as it has proved nothing on the cluster port.
    pub(crate) stranger: RefCell<Option<Stranger>>,
    /// How long we wait for it.
    pub(crate) waits: Cell<Waits>,
    pub(crate) conversation: Conversation,
    /// The last upgrade that was declined. hyper hands the connection over through it at the very
    /// end, instead of giving it back.
    pub(crate) declined: RefCell<Option<OnUpgrade>>,
    turns: Cell<Turn>,
}

impl Caller {
    pub(crate) fn new(
        entrance: &Entrance,
        peer: IpAddr,
        standing: Standing,
        conversation: Conversation,
    ) -> Self {
        Self {
            audience: entrance.audience,
            peer: peer.to_canonical(),
            standing: Cell::new(standing),
            stranger: RefCell::default(),
            waits: Cell::new(entrance.waits),
            conversation,
            declined: RefCell::default(),
            turns: Cell::new(0),
        }
    }

    /// The number of the request that begins now.
    pub(crate) fn next_turn(&self) -> Turn {
        self.turns.set(self.turns.get() + 1);
        self.turns.get()
    }
}
