//! The sessions that share a lock, with the requests that wait for something of them.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use copal_protocol::session_key::SessionKey;
use copal_replica::act::Ticket;
use copal_replica::answer::Answer;
use copal_replica::effects::Effects;
use copal_replica::frame::Frame;
use copal_replica::server_id::ServerId;
use copal_replica::shard::Shard;
use tokio::sync::oneshot;

use crate::ring::receipt::Receipt;

/// The sessions that share a lock, with the requests that wait for something of them.
#[derive(Debug, Default)]
pub(crate) struct Bench {
    pub(crate) shard: Shard,
    pub(crate) effects: Effects,
    waiting: HashMap<Ticket, oneshot::Sender<Answer>>,
    last: u64,
    /// What may not be said yet, the oldest first.
    held: VecDeque<Held>,
    /// Sessions that the disk has not taken, and what is told when it has all of them.
    pub(crate) missing: BTreeSet<SessionKey>,
    pub(crate) unwritten: Vec<Arc<Receipt>>,
}

/// What follows from an event, and rests on something that is not on the disk yet. It may be nothing:
/// then what follows from later events rests on it all the same.
#[derive(Debug)]
struct Held {
    receipt: Arc<Receipt>,
    /// Since when, by the clock that nobody sets.
    since: Duration,
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

    /// Whether something is held back.
    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }

    /// Holds back what is to be said until it is known whether what it rests on is safe. What comes after
    /// something that is held back waits for it, so that everything leaves in its order.
    pub(crate) fn hold(&mut self, receipt: Option<Arc<Receipt>>, since: Duration) {
        let frames = mem::take(&mut self.effects.frames);
        let answers = mem::take(&mut self.effects.answers);
        if receipt.is_some() || !frames.is_empty() || !answers.is_empty() {
            let receipt = receipt.unwrap_or_else(|| Arc::new(Receipt::known(true)));
            self.held.push_back(Held { receipt, since, frames, answers });
        }
    }

    /// Waits no longer for what has been held back since then or longer.
    pub(crate) fn give_up(&mut self, since: Duration) {
        for held in self.held.iter().take_while(|held| held.since <= since) {
            held.receipt.tell(false);
        }
        self.unwritten.retain(|receipt| receipt.is_safe().is_none());
    }

    /// What may be said by now is to be said. Returns how much of it rests on something that the disk
    /// does not have; if that is `refused`, changes are not said to be made.
    pub(crate) fn release(&mut self, refused: bool) -> u64 {
        let mut count = 0;
        while let Some(held) = self.held.pop_front_if(|held| held.receipt.is_safe().is_some()) {
            let Held { receipt, mut frames, mut answers, .. } = held;
            if receipt.is_safe() == Some(false) {
                count += 1;
                if refused {
                    refuse(&mut frames, &mut answers);
                }
            }
            self.effects.frames.extend(frames);
            self.effects.answers.extend(answers);
        }
        count
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

/// Says of changes that they do not count yet.
fn refuse(frames: &mut [Addressed], answers: &mut [(Ticket, Answer)]) {
    let of_others = frames.iter_mut().filter_map(|(.., frame)| match frame {
        Frame::Answer { answer, .. } => Some(&mut **answer),
        _ => None,
    });
    let own = answers.iter_mut().map(|(_, answer)| answer);
    for answer in own.chain(of_others).filter(|answer| matches!(answer, Answer::Done { .. })) {
        *answer = Answer::Unsaved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_change_that_nobody_was_told_of_waits_for_it_too() {
        let mut bench = Bench::default();
        let receipt = Arc::new(Receipt::waits());
        let at = Duration::from_secs;
        bench.hold(Some(Arc::clone(&receipt)), at(1));
        let ticket = bench.ticket();
        bench.effects.answers.push((ticket, Answer::Absent));
        bench.hold(None, at(1));
        assert_eq!((bench.release(false), bench.effects.answers.len()), (0, 0));
        receipt.tell(true);
        assert_eq!((bench.release(false), bench.effects.answers.len()), (0, 1));
        assert!(!bench.is_holding());
    }

    #[test]
    fn what_is_held_for_too_long_is_given_up_and_counted() {
        let mut bench = Bench::default();
        let at = Duration::from_secs;
        for since in [1, 2, 3] {
            bench.hold(Some(Arc::new(Receipt::waits())), at(since));
        }
        bench.give_up(at(2));
        assert_eq!(bench.release(false), 2);
        assert!(bench.is_holding());
    }
}
