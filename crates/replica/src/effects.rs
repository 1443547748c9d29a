//! What is to be done because of what happened to the sessions of one shard.

use copal_protocol::session_key::SessionKey;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::counts::Counts;
use crate::frame::Frame;
use crate::server_id::ServerId;
use crate::strangers::Strangers;

/// What is to be done. Whoever drives a shard keeps one of these for it, and empties the lists after
/// each event.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    /// Send these. To a server to which there is no connection nothing is sent.
    pub frames: Vec<(ServerId, SessionKey, Frame)>,
    /// Requests of this server get these answers.
    pub answers: Vec<(Ticket, Answer)>,
    /// The disk copies of these sessions are out of date.
    pub changed: Vec<SessionKey>,
    /// Read what these sessions hold from the disk, and tell [`Event::Fetched`](crate::shard::Event).
    pub fetches: Vec<Fetch>,
    /// What happened, to be counted.
    pub counts: Counts,
    /// The last number that was given to a call or question.
    number: u64,
    /// What is left for sessions of which nothing is known.
    pub(crate) strangers: Strangers,
}

/// What a session holds is to be read from the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetch {
    /// Which session.
    pub key: SessionKey,
    /// By which the answer is known.
    pub number: u64,
}

impl Effects {
    /// To try something whose effects may be thrown away.
    pub(crate) fn draft(&self) -> Self {
        Self { counts: self.counts, number: self.number, ..Self::default() }
    }

    /// What was tried is done.
    pub(crate) fn adopt(&mut self, draft: Self) {
        self.frames.extend(draft.frames);
        self.answers.extend(draft.answers);
        self.changed.extend(draft.changed);
        self.fetches.extend(draft.fetches);
        (self.counts, self.number) = (draft.counts, draft.number);
    }

    /// Sends something.
    pub fn send(&mut self, to: ServerId, key: SessionKey, frame: Frame) {
        self.frames.push((to, key, frame));
    }

    /// A number that no call or question of this shard has had in this start.
    pub const fn number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }
}
