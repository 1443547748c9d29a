//! A call that is not answered yet.

use std::time::Duration;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::call::{Call, Want};
use crate::server_id::ServerId;
use crate::version::Version;

/// A call that is not answered yet.
#[derive(Debug)]
pub(crate) struct Waiting {
    /// Who gets the answer.
    pub(crate) origin: Origin,
    /// What is wanted.
    pub(crate) call: Call,
    /// Over so many servers it came.
    pub(crate) hops: u8,
    /// It is given up at this running time.
    pub(crate) until: Duration,
    /// These said that they cannot help, or were lost.
    pub(crate) tried: Vec<ServerId>,
    /// Since it came all others were asked, and this server is the one that acts.
    pub(crate) cleared: bool,
    /// How far it is.
    pub(crate) stage: Stage,
}

/// Who gets an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A request of this server.
    Here(Ticket),
    /// Another server, under this number.
    There(ServerId, u64),
}

/// How far a call is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// It waits for somebody who acts.
    Queued,
    /// Another server was asked, under this number.
    Visits(ServerId, u64),
    /// Its change was made, and is not acknowledged yet.
    Made(Answer),
    /// This is the answer, as soon as the change of this number is acknowledged and this server may
    /// speak.
    Ready(Answer, u64),
}

impl Waiting {
    /// For so long a call is tried: longer than it takes to begin to act after another server has
    /// fallen silent.
    pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

    /// A call is not sent over more servers than these: from a visitor to one that knows who acts.
    pub(crate) const HOPS: u8 = 2;

    /// It has to begin anew.
    pub(crate) fn queue(&mut self) {
        self.stage = Stage::Queued;
    }

    /// Its change was made under this version, by a server that does not act any more.
    pub(crate) fn made_under(&mut self, version: Version) {
        if let Want::Change(wish) = &mut self.call.want {
            wish.made.push(version);
        }
    }

    /// The server that was asked does not help.
    pub(crate) fn give_up_on(&mut self, server: ServerId) {
        if !self.tried.contains(&server) {
            self.tried.push(server);
        }
        self.queue();
    }
}
