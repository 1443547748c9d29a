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
    /// What happened, to be counted.
    pub counts: Counts,
    /// The last number that was given to a call or question.
    number: u64,
    /// What is left for sessions of which nothing is known.
    pub(crate) strangers: Strangers,
}

impl Effects {
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
