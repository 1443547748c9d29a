//! A call that is not answered yet.

use std::time::Duration;

use bytes::Bytes;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::call::{Call, Want};
use crate::peer::LeaseNumber;
use crate::server_id::ServerId;
use crate::version::Version;

/// A call that is not answered yet.
#[derive(Debug, Clone)]
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
    /// Since it came all others were asked, and this server is the one that acts: that was in this
    /// stretch of its running. It says nothing after a standstill.
    pub(crate) cleared: Option<LeaseNumber>,
    /// The session was made for this call under this version, by a server that was then deposed: it
    /// looks whether that is what there is.
    pub(crate) born: Option<Version>,
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
#[derive(Debug, Clone)]
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
        match &mut self.call.want {
            Want::Change(wish) => wish.made.push(version),
            // A key is used once: what there is under it, if anything, is this very session.
            want @ Want::Create(_) => {
                *want = Want::Load(None);
                self.born = Some(version);
            }
            Want::Load(_) => {}
        }
    }

    /// What the caller is told when this is the answer to what it has become.
    pub(crate) fn translate(&self, answer: Answer) -> Answer {
        match (self.born, answer) {
            (None, answer) => answer,
            (Some(version), Answer::Session { record, .. }) if record.seen.contains(version) => {
                Answer::Done { version, answer: Bytes::new() }
            }
            (Some(_), Answer::Session { .. }) => Answer::Exists,
            // It was made, and is gone; or what there was of it is.
            (Some(_), Answer::Absent) => Answer::Failed,
            (Some(_), answer) => answer,
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
