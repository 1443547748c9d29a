//! The sessions that share a lock, with the requests that wait for something of them.

use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use copal_protocol::session_key::SessionKey;
use copal_replica::act::Ticket;
use copal_replica::answer::Answer;
use copal_replica::effects::Effects;
use copal_replica::frame::Frame;
use copal_replica::server_id::ServerId;
use copal_replica::shard::Shard;
use tokio::sync::oneshot;

/// The sessions that share a lock, with the requests that wait for something of them.
#[derive(Debug, Default)]
pub(crate) struct Bench {
    pub(crate) shard: Shard,
    pub(crate) effects: Effects,
    waiting: HashMap<Ticket, oneshot::Sender<Answer>>,
    last: u64,
    /// What may not be said yet, the oldest first.
    held: VecDeque<Held>,
}

/// What follows from an event, and rests on something that is not on the disk yet.
#[derive(Debug)]
pub(crate) struct Held {
    /// Set once it is.
    safe: Arc<AtomicBool>,
    frames: Vec<Addressed>,
    answers: Vec<(Ticket, Answer)>,
}

/// A frame, with where it goes.
pub(crate) type Addressed = (ServerId, SessionKey, Frame);

impl Bench {
    /// A ticket that nobody else here has.
    pub(crate) fn ticket(&mut self) -> Ticket {
        self.last += 1;
        Ticket(self.last)
    }

    /// The answer that is there already for a call, or where it will come.
    pub(crate) fn answer_to(
        &mut self,
        ticket: Ticket,
    ) -> Result<Answer, oneshot::Receiver<Answer>> {
        let answers = &mut self.effects.answers;
        match answers.iter().position(|(whose, _)| *whose == ticket) {
            Some(place) => Ok(answers.swap_remove(place).1),
            None => {
                let (sender, receiver) = oneshot::channel();
                self.waiting.insert(ticket, sender);
                Err(receiver)
            }
        }
    }

    /// Holds back what is to be said. What comes after something that is held back waits for it, so that
    /// everything leaves in its order. Returns whether it is held back.
    pub(crate) fn holds(&mut self, safe: Option<Arc<AtomicBool>>) -> bool {
        if safe.is_none() && self.held.is_empty() {
            return false;
        }
        let safe = safe.unwrap_or_else(|| Arc::new(AtomicBool::new(true)));
        let frames = mem::take(&mut self.effects.frames);
        let answers = mem::take(&mut self.effects.answers);
        if !frames.is_empty() || !answers.is_empty() {
            self.held.push_back(Held { safe, frames, answers });
        }
        true
    }

    /// What may be said by now.
    pub(crate) fn release(&mut self) {
        while let Some(held) = self.held.pop_front_if(|held| held.safe.load(Ordering::Acquire)) {
            self.effects.frames.extend(held.frames);
            self.effects.answers.extend(held.answers);
        }
    }

    /// Gives the answers to those who wait.
    pub(crate) fn hand_out(&mut self) {
        for (ticket, answer) in self.effects.answers.drain(..) {
            if let Some(waiting) = self.waiting.remove(&ticket) {
                // Whoever went away meanwhile wants no answer.
                let _ = waiting.send(answer);
            }
        }
    }
}
