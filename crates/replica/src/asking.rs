//! An inquiry under way, with what was known when it began.

use std::time::Duration;

use crate::call::Order;
use crate::effects::Effects;
use crate::epoch::Epoch;
use crate::inquiry::{Finding, Inquiry, Question};
use crate::opinion::Opinion;
use crate::peer::LeaseNumber;
use crate::place::Place;
use crate::record::Record;
use crate::scene::Lease;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::version::Version;
use crate::witness::Witness;

/// An inquiry under way, with what was known when it began.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    /// By which its answers are known.
    pub(crate) number: u64,
    /// What was asked.
    pub(crate) question: Question,
    /// The leases of that moment: whoever answers could be relied on then.
    pub(crate) leases: Vec<Lease>,
    /// The stretch of running of that moment.
    pub(crate) own_lease: Option<LeaseNumber>,
    /// What there was here.
    own: (bool, Option<Version>),
    /// It counts as a question about a session of which nothing is known.
    counts: bool,
    inquiry: Inquiry,
}

impl Asking {
    /// Begins to ask; to send the question is left to whoever calls this.
    pub(crate) fn begin(
        number: u64,
        question: Question,
        own: Opinion,
        witnesses: &[Witness],
        around: &Surroundings<'_>,
    ) -> Self {
        let timeout = around.safety.acknowledge_timeout;
        let shown = (own.acts, own.record().map(|record| record.version));
        let inquiry = Inquiry::begin(question, own, witnesses, timeout, around.now);
        let (leases, own_lease) = (around.leases().to_vec(), around.own_lease());
        Self { number, question, leases, own_lease, own: shown, counts: false, inquiry }
    }

    /// The same, about a session of which nothing is known.
    pub(crate) const fn of(mut self, stranger: bool) -> Self {
        self.counts = stranger;
        self
    }

    /// It does not count any more: something was found.
    pub(crate) fn spare(&mut self, out: &mut Effects) {
        if std::mem::take(&mut self.counts) {
            out.strangers.allowance.give_back();
        }
    }

    /// One of them has answered.
    pub(crate) fn hear(&mut self, from: ServerId, opinion: Opinion, now: Duration) {
        self.inquiry.hear(from, opinion, now);
    }

    /// Whether somebody has shown a copy, if only one that is left over.
    pub(crate) fn has_seen_any(&self) -> bool {
        self.inquiry.has_seen_any()
    }

    /// Whether what was asked is still the question: this server has not stood still since, its copy is
    /// the one that it was, and it has not heard of a newer epoch. It may have been given the very one
    /// that it would propose, and nobody may begin an epoch twice.
    pub(crate) fn still_holds(&self, place: &Place, around: &Surroundings<'_>) -> bool {
        let version = place.record().map(|record| record.version);
        let same = match place {
            Place::Acts(_) => self.own.0,
            Place::Copy(_) => self.own == (false, version),
        };
        same && self.own_lease == around.own_lease() && self.question.about >= place.begun()
    }

    /// Whether all others have answered that they have nothing, and are sure.
    pub(crate) fn all_say_no(&self) -> bool {
        self.inquiry.all_say_no()
    }

    /// Whether a server has answered.
    pub(crate) fn has_heard(&self, server: ServerId) -> bool {
        self.inquiry.has_heard(server)
    }

    /// What follows. `promised` is the highest epoch that this server has promised to anybody.
    pub(crate) fn find(
        &mut self,
        promised: Option<Epoch>,
        failed: &[ServerId],
        around: &Surroundings<'_>,
    ) -> Finding {
        let gone = around.others().filter(|server| around.is_gone(*server));
        gone.for_each(|server| self.inquiry.ended(server));
        let silent = around.others().filter(|server| around.is_silent(*server));
        silent.for_each(|server| {
            self.inquiry.falls_silent(server, around.safety.acknowledge_timeout)
        });
        let promised = promised.filter(|epoch| !around.own.began(*epoch));
        self.inquiry.find(promised, failed, around.now)
    }

    /// Another server that has everything and comes first: by the order of the id, then of the list.
    pub(crate) fn better(
        &self,
        newest: &Record,
        order: &Order,
        tried: &[ServerId],
        around: &Surroundings<'_>,
    ) -> Option<ServerId> {
        let own = around.own.server;
        let listed = newest.holders.current().map(|holder| holder.server);
        let mut in_order = order.iter().copied().chain(listed);
        let best = in_order.find(|server| {
            let there = *server == own || (around.reaches(*server) && !tried.contains(server));
            there && self.inquiry.has_newest(*server, newest)
        });
        best.filter(|best| *best != own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::Copy;
    use crate::incarnation::Incarnation;
    use crate::live::WallTime;
    use crate::liveness::Liveness;
    use crate::owned::Owned;
    use crate::safety::{Acknowledge, Degraded, Safety};
    use crate::samples::{record, version};
    use crate::surroundings::{Clocks, Own};
    use copal_protocol::server_index::ServerIndex;

    fn around(liveness: &Liveness, seconds: u64) -> Surroundings<'_> {
        let server = ServerId::new("app-a").unwrap();
        let index = ServerIndex::new(0).unwrap();
        let own = Own { server, index, incarnation: Incarnation(1) };
        let safety = Safety {
            copies: 2,
            acknowledge: Acknowledge::Backup,
            acknowledge_timeout: Duration::from_millis(500),
            recovery_wait: Duration::from_secs(30),
            degraded: Degraded::Accept,
        };
        let clock = Duration::from_secs(seconds);
        let clocks = Clocks { clock, running: clock, wall: WallTime(0) };
        Surroundings::new(own, safety, liveness, &[], clocks)
    }

    #[test]
    fn a_question_outlives_no_standstill_no_other_copy_and_no_grant() {
        let mut liveness = Liveness::new(Incarnation(1), Duration::ZERO);
        liveness.beats(Duration::ZERO);
        let place = Place::Copy(Copy::of(record(version(1, 5))));
        let now = around(&liveness, 0);
        let proposal = version(2, 0).epoch;
        let question =
            Question { asker: now.own.server, about: place.begun(), proposal, has: None };
        let own = place.own_opinion(None, &now);
        let asking = Asking::begin(1, question, own, &[], &now);
        assert!(asking.still_holds(&place, &now));
        let newer = Place::Copy(Copy::of(record(version(1, 6))));
        assert!(!asking.still_holds(&newer, &now));
        // It was given the very epoch that it would have proposed: nobody begins one twice.
        let granted = record(Version { epoch: proposal, sequence: 6 });
        let (server, scene) = (now.own.server, now.scene(&[]));
        let (owned, _) = Owned::begin(server, now.safety, granted, Vec::new(), scene);
        assert!(!asking.still_holds(&Place::Acts(Box::new(owned)), &now));
        liveness.beats(Duration::from_secs(10));
        assert!(!asking.still_holds(&place, &around(&liveness, 10)));
    }
}
