//! A session for which this server acts, with what the other holders have of it.

use std::sync::Arc;

use crate::act::{Act, Ticket};
use crate::deposed::Deposed;
use crate::holders::{Holder, Holders, Standing};
use crate::incarnation::Incarnation;
use crate::journal::Journal;
use crate::muster::Muster;
use crate::not_taken::NotTaken;
use crate::others::{Others, is_current};
use crate::peer::LeaseNumber;
use crate::plant::{Plant, has};
use crate::progress::Progress;
use crate::record::Record;
use crate::safety::{Degraded, Safety};
use crate::scene::{Lease, Scene};
use crate::server_id::ServerId;
use crate::step::{Misfit, Step};
use crate::version::Version;

/// A session for which this server acts, with what the other holders have of it.
///
/// Times are running time of this server; see [`RunningTime`](crate::running_time::RunningTime).
#[derive(Debug, Clone)]
pub struct Owned {
    own: ServerId,
    safety: Safety,
    journal: Journal,
    others: Others,
    /// The stretch of running of this server in which it is known that nobody else acts. Counts
    /// while there is no other server that has everything.
    own_lease: Option<LeaseNumber>,
    /// A holder that had everything was lost since it was last known that nobody else acts. What its
    /// substitute says proves nothing: it may never have heard of the session.
    unsure: bool,
    /// So many holders were left behind because they did not confirm in time.
    pub(crate) late: u64,
}

impl Owned {
    /// A session for which `own` acts from now on by the epoch of `record`, which is sent to all its
    /// other holders. Until enough of them have it nothing of it counts; `tickets` wait for that.
    #[must_use]
    pub fn begin(
        own: ServerId,
        safety: Safety,
        record: Record,
        tickets: Vec<Ticket>,
        scene: Scene<'_>,
    ) -> (Self, Vec<Act>) {
        let listed = record.holders.iter().filter(|holder| holder.server != own);
        let others = Others::begin(listed);
        let journal = Journal::begin(record, tickets);
        let (own_lease, unsure) = (scene.own_lease, false);
        let mut owned = Self { own, safety, journal, others, own_lease, unsure, late: 0 };
        let acts = owned.conclude(scene);
        (owned, acts)
    }

    /// What it is now, with what is pending.
    #[must_use]
    pub fn record(&self) -> &Record {
        self.journal.record()
    }

    /// The same, to be kept.
    #[must_use]
    pub const fn shared(&self) -> &Arc<Record> {
        self.journal.record()
    }

    /// Its record with what is pending, to be changed in ways that nobody can see.
    pub(crate) const fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// The last change that can be read and is not acknowledged yet. Whoever reads now waits for
    /// that, and shares its fate.
    #[must_use]
    pub fn pending(&self) -> Option<Version> {
        self.journal.pending()
    }

    /// Whether everything in it is acknowledged, what nobody can see too.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.journal.first().is_none()
    }

    /// The last change that is acknowledged, by its number.
    #[must_use]
    pub const fn acknowledged(&self) -> u64 {
        self.journal.acknowledged()
    }

    /// Whether this server may show what it has without asking the others: none of them can have
    /// helped anybody to act in its place.
    #[must_use]
    pub fn may_speak(&self, scene: Scene<'_>) -> bool {
        if has(Plant::SpeaksWithoutLease) {
            return true;
        }
        if self.unsure {
            return false;
        }
        let others = self.record().holders.current().filter(|one| one.server != self.own);
        let alone = self.own_lease.is_some() && self.own_lease == scene.own_lease;
        self.others.keep_still(others, scene).unwrap_or(alone)
    }

    /// Copies that are missing.
    #[must_use]
    pub fn short(&self, scene: Scene<'_>) -> usize {
        self.muster(scene).short()
    }

    /// Whether others may be wanted to hold it, or fewer: else nothing is asked of the candidates.
    pub(crate) fn wants_others(&self, scene: Scene<'_>) -> bool {
        self.muster(scene).wants_others()
    }

    /// Whether it has ended, and everybody who ever had anything of it knows.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let present = self.record().version.sequence;
        let ended = self.record().live().is_none() && self.journal.first().is_none();
        ended && (self.others.all_have(present) || has(Plant::ForgetsEarly))
    }

    /// Takes a step that was decided on for this record, and sends it to the holders that are in step.
    ///
    /// # Errors
    /// [`NotTaken`]; then nothing has happened.
    pub fn change(
        &mut self,
        step: Step,
        ticket: Option<Ticket>,
        scene: Scene<'_>,
    ) -> Result<Vec<Act>, NotTaken> {
        let may_be_alone = step.ends && self.is_only_here();
        if self.safety.degraded == Degraded::Refuse
            && self.muster(scene).is_alone()
            && !may_be_alone
        {
            return Err(NotTaken::Alone);
        }
        let mut acts = self.take(step, ticket, scene)?;
        acts.extend(self.conclude(scene));
        Ok(acts)
    }

    /// A holder has confirmed everything up to a version.
    pub fn held(
        &mut self,
        from: ServerId,
        incarnation: Incarnation,
        version: Version,
        scene: Scene<'_>,
    ) -> Vec<Act> {
        let present = self.record().version;
        let known = version.epoch == present.epoch
            && self.others.held(from, incarnation, version.sequence, present.sequence);
        if !known {
            return Vec::new();
        }
        let mut acts = self.settle();
        acts.extend(self.promote(from, scene));
        acts.extend(self.conclude(scene));
        acts
    }

    /// A holder has lost its way, or has never had anything.
    pub fn lacks(&mut self, from: ServerId, scene: Scene<'_>) -> Vec<Act> {
        if self.others.lacks(from) {
            self.others.copy_to(from, self.journal.record(), scene)
        } else {
            Vec::new()
        }
    }

    /// A holder was met in another start: what it has now is not what it confirmed.
    pub fn met(
        &mut self,
        server: ServerId,
        incarnation: Incarnation,
        scene: Scene<'_>,
    ) -> Vec<Act> {
        let listed = self.record().holders.get(server).filter(|one| one.incarnation != incarnation);
        if listed.is_none() || server == self.own {
            return Vec::new();
        }
        self.unsure |= listed.is_some_and(is_current);
        self.relist(vec![Holder::lacking(server, incarnation)], scene)
    }

    /// These may have a copy too.
    pub fn also_held_by(&mut self, holders: &Holders, scene: Scene<'_>) -> Vec<Act> {
        let unlisted = |one: &&Holder| self.record().holders.get(one.server).is_none();
        self.relist(holders.iter().filter(unlisted).map(Holder::behind).collect(), scene)
    }

    /// All others were asked whether somebody else acts, with these leases on them, and nobody says
    /// so. These holders said nothing.
    pub fn confirmed(
        &mut self,
        silent: &[ServerId],
        asked: &[Lease],
        own_lease: Option<LeaseNumber>,
        scene: Scene<'_>,
    ) -> Vec<Act> {
        self.others.asked(silent, asked);
        (self.own_lease, self.unsure) = (own_lease, false);
        let listed = silent.iter().filter_map(|server| self.record().holders.get(*server));
        let current = listed.filter(|one| is_current(one));
        self.relist(current.map(Holder::behind).collect(), scene)
    }

    /// Time has passed. Whoever has not confirmed for too long is left behind, and others are taken
    /// in its place.
    pub fn tick(&mut self, scene: Scene<'_>) -> Vec<Act> {
        self.conclude(scene)
    }

    /// One that is behind is tried again.
    pub fn catch_up(&mut self, server: ServerId, scene: Scene<'_>) -> Vec<Act> {
        let behind = self.record().holders.get(server).is_some_and(|one| !is_current(one));
        if behind { self.others.catch_up(server, self.journal.record(), scene) } else { Vec::new() }
    }

    /// There are more copies than there should be: the one in the least wanted place goes.
    pub fn shed(&mut self, scene: Scene<'_>) -> Vec<Act> {
        let surplus = self.muster(scene).surplus().filter(|_| self.is_settled());
        let Some(least) = surplus else { return Vec::new() };
        self.let_go(least, scene)
    }

    /// A holder is to drop its copy: it does not count any more, and when the others know that, it is
    /// told.
    pub fn let_go(&mut self, server: ServerId, scene: Scene<'_>) -> Vec<Act> {
        let Some(listed) = self.record().holders.get(server).copied() else { return Vec::new() };
        let mut acts = self.list(vec![listed.behind()], scene);
        self.others.let_go(server, self.journal.record().version.sequence);
        acts.extend(self.conclude(scene));
        acts
    }

    /// A holder has dropped its copy, or will never come back.
    pub fn dropped(&mut self, server: ServerId, scene: Scene<'_>) -> Vec<Act> {
        let listed = self.record().holders.get(server).filter(|_| server != self.own);
        let Some(step) = listed.and_then(|_| Step::after(self.record())) else { return Vec::new() };
        self.take_by_itself(Step { dropped: vec![server], ..step }, scene)
    }

    /// Whether this holder was told to drop its copy.
    #[must_use]
    pub fn lets_go(&self, server: ServerId) -> bool {
        self.others.get(server).is_some_and(|other| other.drop_after == Some(Progress::TOLD))
    }

    /// Whether a holder has everything there is, so that it can go on from here.
    #[must_use]
    pub fn has_all(&self, server: ServerId) -> bool {
        let listed = self.record().holders.get(server).is_some_and(is_current);
        let present = self.record().version.sequence;
        listed && self.others.get(server).is_some_and(|other| other.confirmed >= present)
    }

    /// Whether it was made here, and that does not count yet.
    #[must_use]
    pub fn is_unborn(&self) -> bool {
        let is_first = self.journal.first().is_some_and(|first| first.sequence == 1);
        is_first && self.record().live().is_some() && !has(Plant::KeepsRefused)
    }

    /// Whether no other server has anything of it.
    #[must_use]
    pub fn is_only_here(&self) -> bool {
        self.others.len() == 0
    }

    /// Its maker was told that there is none: it ends, also where nobody is there to hear of that.
    pub fn withdraw(&mut self, scene: Scene<'_>) -> Vec<Act> {
        let Some(step) = Step::after(self.record()) else { return Vec::new() };
        self.take_by_itself(Step { ends: true, ..step }, scene)
    }

    /// Somebody else acts from now on.
    #[must_use]
    pub fn depose(self) -> Deposed {
        let holders = self.record().holders.clone();
        let (record, waiting) = self.journal.take_back();
        Deposed { record, holders, waiting }
    }

    /// Everything that follows from what is known now.
    fn conclude(&mut self, scene: Scene<'_>) -> Vec<Act> {
        let mut acts = self.leave_behind(scene);
        acts.extend(self.others.send_what_is_due(self.journal.record(), scene));
        acts.extend(self.settle());
        acts.extend(self.give_up_waiting());
        acts
    }

    fn take(
        &mut self,
        step: Step,
        ticket: Option<Ticket>,
        scene: Scene<'_>,
    ) -> Result<Vec<Act>, Misfit> {
        let step = self.journal.take(step, ticket)?;
        Ok(self.others.follow(self.own, &step, scene))
    }

    /// Nobody waits for this step.
    fn take_by_itself(&mut self, step: Step, scene: Scene<'_>) -> Vec<Act> {
        let mut acts = self.take(step, None, scene).unwrap_or_default();
        acts.extend(self.conclude(scene));
        acts
    }

    /// Something else is known of holders, or there are others; and what follows from that.
    fn relist(&mut self, holders: Vec<Holder>, scene: Scene<'_>) -> Vec<Act> {
        let mut acts = self.list(holders, scene);
        acts.extend(self.conclude(scene));
        acts
    }

    fn list(&mut self, mut holders: Vec<Holder>, scene: Scene<'_>) -> Vec<Act> {
        if holders.is_empty() {
            return Vec::new();
        }
        holders.sort_unstable_by_key(|holder| holder.server);
        let Some(mut step) = Step::after(self.record()) else { return Vec::new() };
        step.holders = holders;
        // Too many holders: then it stays as it is, and the session short of copies.
        self.take(step, None, scene).unwrap_or_default()
    }

    /// Acknowledges what enough servers have.
    fn settle(&mut self) -> Vec<Act> {
        // Of an end nobody needs to know who has nothing.
        let others = &self.others;
        let most = if self.record().live().is_none() { others.len() } else { usize::MAX };
        let early = has(Plant::AcknowledgesEarly);
        let wanted = if early { 0 } else { self.safety.others().min(most) };
        self.journal.acknowledge_while(false, |sequence| others.have(sequence) >= wanted)
    }

    /// A holder that is in step and has confirmed everything that was acknowledged is current.
    fn promote(&mut self, server: ServerId, scene: Scene<'_>) -> Vec<Act> {
        let acknowledged = self.journal.acknowledged().max(1);
        let has_all = |other: &Progress| other.in_step && other.confirmed >= acknowledged;
        let listed = self.record().holders.get(server).copied();
        let behind = listed.filter(|one| !is_current(one));
        match behind.filter(|_| self.others.get(server).is_some_and(has_all)) {
            Some(holder) => {
                self.list(vec![Holder { standing: Standing::Current, ..holder }], scene)
            }
            None => Vec::new(),
        }
    }

    fn leave_behind(&mut self, scene: Scene<'_>) -> Vec<Act> {
        let holders = &self.journal.record().holders;
        let mut changed = self.others.leave_late_ones(holders, self.safety, scene);
        self.unsure |= !changed.is_empty();
        self.late += changed.len() as u64;
        let new = self.muster(scene).new_ones(&changed);
        changed.extend(new);
        self.list(changed, scene)
    }

    fn muster<'m>(&'m self, scene: Scene<'m>) -> Muster<'m> {
        let (own, safety, ends) = (self.own, self.safety, self.journal.ends());
        Muster { own, safety, record: self.journal.record(), others: &self.others, ends, scene }
    }

    /// Nobody waits for what nobody will confirm.
    fn give_up_waiting(&mut self) -> Vec<Act> {
        let others = &self.others;
        let hopeless = |sequence| others.cannot_have(sequence);
        match self.safety.degraded {
            Degraded::Accept => self.journal.acknowledge_while(true, hopeless),
            // It stays pending: what was refused is shown to nobody until it is safe.
            Degraded::Refuse => {
                let unsaved = self.journal.let_go(|pending| hopeless(pending.sequence)).into_iter();
                // That somebody else acts changes nothing about an end.
                let begun = self.journal.beginning_of_an_end();
                let begins = |sequence| Some(sequence) == begun && hopeless(sequence);
                let acts = self.journal.acknowledge_while(true, begins);
                unsaved.map(Act::Unsaved).chain(acts).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests;
