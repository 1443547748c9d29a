//! The calls for one session that are not answered yet.

use copal_protocol::session_key::SessionKey;
use litemap::LiteMap;

use crate::act::Ticket;
use crate::answer::Answer;
use crate::call::Want;
use crate::effects::Effects;
use crate::frame::Frame;
use crate::news::News;
use crate::peer::LeaseNumber;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::waiting::{Origin, Stage, Waiting};

/// The calls for one session that are not answered yet, in the order in which they came.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    key: SessionKey,
    waiting: LiteMap<Ticket, Box<Waiting>>,
}

impl Desk {
    /// Nobody waits.
    pub(crate) const fn new(key: SessionKey) -> Self {
        Self { key, waiting: LiteMap::new() }
    }

    /// Whether nobody waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Somebody waits, or again.
    pub(crate) fn put(&mut self, ticket: Ticket, waiting: impl Into<Box<Waiting>>) {
        self.waiting.insert(ticket, waiting.into());
    }

    /// What is known of a call.
    pub(crate) fn get(&self, ticket: Ticket) -> Option<&Waiting> {
        self.waiting.get(&ticket).map(|waiting| &**waiting)
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, ticket: Ticket) -> Option<&mut Waiting> {
        self.waiting.get_mut(&ticket).map(|waiting| &mut **waiting)
    }

    /// Takes a call off the desk.
    pub(crate) fn take(&mut self, ticket: Ticket) -> Option<Box<Waiting>> {
        let taken = self.waiting.remove(&ticket);
        if self.waiting.is_empty() {
            // Nearly always nobody waits: no memory is kept for that.
            self.waiting = LiteMap::new();
        }
        taken
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Waiting> {
        self.waiting.iter_mut().map(|(_, waiting)| &mut **waiting)
    }

    /// The first one after this one that waits; without one the first of all.
    pub(crate) fn next(&self, after: Option<Ticket>) -> Option<Ticket> {
        self.waiting.keys().copied().find(|ticket| Some(*ticket) > after)
    }

    /// Servers that could not help with one of the calls.
    pub(crate) fn tried(&self) -> Vec<ServerId> {
        self.waiting.values().flat_map(|one| one.tried.iter().copied()).collect()
    }

    /// Whether a call came over so many servers that it is not sent on.
    pub(crate) fn has_far_ones(&self) -> bool {
        self.waiting.values().any(|one| one.hops >= Waiting::HOPS)
    }

    /// All others were asked, and this server is the one that acts: whoever waited before that may be
    /// answered, as long as the stretch of running lasts in which they were.
    pub(crate) fn clear(&mut self, asked: Ticket, stretch: Option<LeaseNumber>) {
        let before = self.waiting.iter_mut().filter(|(ticket, _)| **ticket < asked);
        before.for_each(|(_, waiting)| waiting.cleared = stretch);
    }

    /// The call with which another server was asked under this number.
    pub(crate) fn visiting(
        &mut self,
        from: ServerId,
        number: u64,
    ) -> Option<(Ticket, &mut Waiting)> {
        let visits = |one: &Waiting| matches!(one.stage, Stage::Visits(server, of) if (server, of) == (from, number));
        let found = self.waiting.iter_mut().find(|(_, one)| visits(one));
        found.map(|(ticket, one)| (*ticket, &mut **one))
    }

    /// There is a new connection to another server: what it was asked on an older one it will not
    /// answer, and may be asked again.
    pub(crate) fn ask_again(&mut self, server: ServerId) {
        for waiting in self.all_mut() {
            if matches!(waiting.stage, Stage::Visits(visited, _) if visited == server) {
                waiting.queue();
            }
        }
    }

    /// What another server was asked it will not answer.
    pub(crate) fn lost(&mut self, server: ServerId) {
        for waiting in self.all_mut() {
            if matches!(waiting.stage, Stage::Visits(visited, _) if visited == server) {
                waiting.give_up_on(server);
            }
        }
    }

    /// What became of changes reaches the calls that wait for them.
    /// `acts` says whether this server acts for the session.
    pub(crate) fn settle(&mut self, news: News, acts: bool, out: &mut Effects) {
        for ticket in news.acknowledged {
            if let Some(waiting) = self.waiting.get_mut(&ticket)
                && let Stage::Made(answer) = &waiting.stage
            {
                waiting.stage = Stage::Ready(answer.clone(), 0);
            }
        }
        for ticket in news.unsaved {
            // Whoever acts by then: it may count later, and is not made again.
            self.tell(ticket, Answer::Unsaved, out);
        }
        if !acts {
            // What was seen or made here is not worth anything any more: somebody else acts.
            for waiting in self.all_mut() {
                if let Stage::Ready(Answer::Done { version, .. }, _) = waiting.stage {
                    waiting.made_under(version);
                }
                if !matches!(waiting.stage, Stage::Visits(..)) {
                    waiting.queue();
                }
            }
        }
        if news.merged {
            // What was read and not told yet is old.
            for waiting in self.all_mut() {
                let reads = matches!(waiting.call.want, Want::Load(_));
                if reads && matches!(waiting.stage, Stage::Ready(..)) {
                    waiting.queue();
                }
            }
        }
        for (ticket, version) in news.taken_back {
            if let Some(waiting) = self.waiting.get_mut(&ticket) {
                waiting.made_under(version);
                waiting.queue();
            }
        }
    }

    /// Calls that wait for too long, and those sent to somebody who fell silent.
    pub(crate) fn give_up(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        let late = self.waiting.iter().filter(|(_, waiting)| around.now >= waiting.until);
        let late: Vec<Ticket> = late.map(|(ticket, _)| *ticket).collect();
        for ticket in late {
            out.counts.failed += 1;
            self.tell(ticket, Answer::Failed, out);
        }
        for waiting in self.all_mut() {
            if let Stage::Visits(server, _) = waiting.stage
                && !around.hears(server)
            {
                waiting.give_up_on(server);
            }
        }
    }

    /// This server acts, or knows one that does. Calls that came from far are sent there by whoever has
    /// sent them.
    pub(crate) fn refer_to(&mut self, server: ServerId, out: &mut Effects) {
        let mut far = Vec::new();
        for (ticket, waiting) in self.waiting.iter_mut() {
            waiting.tried.retain(|tried| *tried != server);
            if waiting.hops >= Waiting::HOPS && matches!(waiting.stage, Stage::Queued) {
                far.push(*ticket);
            }
        }
        for ticket in far {
            let taken = self.take(ticket);
            if let Some(Origin::There(server, number)) = taken.map(|waiting| waiting.origin) {
                out.send(server, self.key, Frame::NotActing { number });
            }
        }
    }

    /// Everybody who waits for somebody to act is told the same.
    pub(crate) fn tell_all(&mut self, answer: &Answer, out: &mut Effects) {
        let queued = self.waiting.iter().filter(|(_, one)| matches!(one.stage, Stage::Queued));
        let queued: Vec<Ticket> = queued.map(|(ticket, _)| *ticket).collect();
        queued.into_iter().for_each(|ticket| self.tell(ticket, answer.clone(), out));
    }

    /// A call is answered.
    pub(crate) fn tell(&mut self, ticket: Ticket, answer: Answer, out: &mut Effects) {
        let Some(waiting) = self.take(ticket) else { return };
        let answer = waiting.translate(answer);
        match waiting.origin {
            Origin::Here(ticket) => out.answers.push((ticket, answer)),
            Origin::There(server, number) => {
                let answer = Box::new(answer);
                out.send(server, self.key, Frame::Answer { number, answer });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::{Call, Order, Want};
    use std::time::Duration;

    /// An answer to a question of before says nothing to whoever came after it.
    #[test]
    fn only_those_are_cleared_that_waited_when_the_others_were_asked() {
        let key = SessionKey::parse(b"X8ZwooOzabc").unwrap();
        let mut desk = Desk::new(key);
        for ticket in [1, 9] {
            let call = Call { key, order: Order::new(), want: Want::Load(None) };
            desk.put(
                Ticket(ticket),
                Waiting {
                    origin: Origin::Here(Ticket(ticket)),
                    call,
                    hops: 0,
                    until: Duration::from_secs(8),
                    tried: Vec::new(),
                    cleared: None,
                    born: None,
                    stage: Stage::Queued,
                },
            );
        }
        desk.clear(Ticket(5), Some(LeaseNumber(3)));
        assert_eq!(desk.get(Ticket(1)).unwrap().cleared, Some(LeaseNumber(3)));
        assert_eq!(desk.get(Ticket(9)).unwrap().cleared, None);
    }
}
