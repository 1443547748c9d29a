//! A session for which this server acts, with what the other holders have of it.

use crate::act::{Act, Ticket};
use crate::deposed::Deposed;
use crate::holders::{Holder, Standing};
use crate::incarnation::Incarnation;
use crate::journal::Journal;
use crate::not_taken::NotTaken;
use crate::others::{Others, is_current};
use crate::peer::LeaseNumber;
use crate::plant::{Plant, has};
use crate::progress::Progress;
use crate::record::Record;
use crate::safety::{Degraded, Safety};
use crate::scene::{Candidate, Lease, Scene};
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
        let mut owned = Self { own, safety, journal, others, own_lease, unsure };
        let acts = owned.conclude(scene);
        (owned, acts)
    }

    /// What it is now, with what is pending.
    #[must_use]
    pub const fn record(&self) -> &Record {
        self.journal.record()
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
        let mut alone = true;
        for holder in self.record().holders.current().filter(|one| one.server != self.own) {
            alone = false;
            let known = self.others.get(holder.server).and_then(|other| other.lease);
            if known.is_none() || scene.lease(holder.server, holder.incarnation) != known {
                return false;
            }
        }
        !alone || (self.own_lease.is_some() && self.own_lease == scene.own_lease)
    }

    /// Copies that are missing.
    #[must_use]
    pub fn short(&self, scene: Scene<'_>) -> usize {
        if self.record().live().is_none() {
            return 0;
        }
        self.safety.copies.saturating_sub(self.lasting(scene).count())
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
        if self.safety.degraded == Degraded::Refuse && self.is_alone(scene) {
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
        let waits = |other: &Progress| other.due_after.is_some() || other.drop_after.is_some();
        if self.others.get(from).is_none_or(waits) { Vec::new() } else { self.copy_to(from, scene) }
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
        let behind = Holder { server, incarnation, standing: Standing::Behind };
        let mut acts = self.list(vec![behind], scene);
        acts.extend(self.conclude(scene));
        acts
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
        let behind = listed.filter(|one| is_current(one));
        let behind: Vec<Holder> =
            behind.map(|one| Holder { standing: Standing::Behind, ..*one }).collect();
        let mut acts = if behind.is_empty() { Vec::new() } else { self.list(behind, scene) };
        acts.extend(self.conclude(scene));
        acts
    }

    /// Time has passed. Whoever has not confirmed for too long is left behind, and others are taken
    /// in its place.
    pub fn tick(&mut self, scene: Scene<'_>) -> Vec<Act> {
        self.conclude(scene)
    }

    /// One that is behind is tried again.
    pub fn catch_up(&mut self, server: ServerId, scene: Scene<'_>) -> Vec<Act> {
        let is_behind = self.record().holders.get(server).is_some_and(|one| !is_current(one));
        if is_behind && self.others.get(server).is_some_and(|other| !other.may_confirm()) {
            self.copy_to(server, scene)
        } else {
            Vec::new()
        }
    }

    /// There are more copies than there should be: the one in the least wanted place goes.
    pub fn shed(&mut self, scene: Scene<'_>) -> Vec<Act> {
        let surplus = self.lasting(scene).count() > self.safety.copies;
        if !surplus || self.journal.first().is_some() || self.record().live().is_none() {
            return Vec::new();
        }
        let holds = |one: &&Candidate| {
            let listed = self.record().holders.get(one.server);
            one.server != self.own && listed.is_some_and(is_current)
        };
        let Some(least) = scene.candidates.iter().rev().find(holds).map(|one| one.server) else {
            return Vec::new();
        };
        self.let_go(least, scene)
    }

    /// A holder is to drop its copy: it does not count any more, and when the others know that, it is
    /// told.
    pub fn let_go(&mut self, server: ServerId, scene: Scene<'_>) -> Vec<Act> {
        let Some(listed) = self.record().holders.get(server).copied() else { return Vec::new() };
        let behind = Holder { standing: Standing::Behind, ..listed };
        let mut acts = self.list(vec![behind], scene);
        let sequence = self.record().version.sequence;
        self.others.let_go(server, sequence);
        acts.extend(self.conclude(scene));
        acts
    }

    /// A holder has dropped its copy, or will never come back.
    pub fn dropped(&mut self, server: ServerId, scene: Scene<'_>) -> Vec<Act> {
        let Some(mut step) = Step::after(self.record()) else { return Vec::new() };
        if server == self.own || self.record().holders.get(server).is_none() {
            return Vec::new();
        }
        step.dropped = vec![server];
        let mut acts = self.take(step, None, scene).unwrap_or_default();
        acts.extend(self.conclude(scene));
        acts
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

    /// Something else is known of holders, or there are others.
    fn list(&mut self, mut holders: Vec<Holder>, scene: Scene<'_>) -> Vec<Act> {
        holders.sort_unstable_by_key(|holder| holder.server);
        let Some(mut step) = Step::after(self.record()) else { return Vec::new() };
        step.holders = holders;
        // Too many holders: then it stays as it is, and the session short of copies.
        self.take(step, None, scene).unwrap_or_default()
    }

    fn copy_to(&mut self, server: ServerId, scene: Scene<'_>) -> Vec<Act> {
        self.others.copy_to(server, self.journal.record(), scene)
    }

    /// Acknowledges what enough servers have.
    fn settle(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        while let Some(first) = self.journal.first() {
            let early = has(Plant::AcknowledgesEarly);
            if !early && self.others.have(first.sequence) < self.safety.others() {
                break;
            }
            acts.extend(self.journal.acknowledge_first().into_iter().map(Act::Acknowledge));
        }
        acts
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
        if !changed.is_empty() {
            self.unsure = true;
        }
        let lost = changed.iter().filter(|one| !scene.leaving.contains(&one.server)).count();
        let wanted = if self.record().live().is_none() { 0 } else { self.short(scene) + lost };
        let missing = wanted.saturating_sub(self.others.under_way(&self.record().holders));
        let new = scene.candidates.iter().filter(|candidate| self.is_new(candidate)).take(missing);
        changed.extend(new.map(|candidate| Holder {
            server: candidate.server,
            incarnation: candidate.incarnation,
            standing: Standing::Behind,
        }));
        if changed.is_empty() { Vec::new() } else { self.list(changed, scene) }
    }

    /// Holders that have everything and will stay.
    fn lasting(&self, scene: Scene<'_>) -> impl Iterator<Item = &Holder> {
        let current = self.record().holders.current();
        current.filter(move |holder| !scene.leaving.contains(&holder.server))
    }

    /// Whether a second server is wanted, and there is none.
    fn is_alone(&self, scene: Scene<'_>) -> bool {
        let has_others = self.others.may_help(&self.record().holders)
            || scene.candidates.iter().any(|candidate| self.is_new(candidate));
        self.safety.others() > 0 && !has_others
    }

    fn is_new(&self, one: &Candidate) -> bool {
        one.server != self.own && self.record().holders.get(one.server).is_none()
    }

    /// Nobody waits for what nobody will confirm.
    fn give_up_waiting(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        match self.safety.degraded {
            Degraded::Accept => {
                while let Some(first) =
                    self.journal.first().filter(|one| self.others.cannot_have(one.sequence))
                {
                    acts.extend(first.can_be_seen().then_some(Act::Degraded));
                    acts.extend(self.journal.acknowledge_first().into_iter().map(Act::Acknowledge));
                }
            }
            // It stays pending: what was refused is shown to nobody until it is safe.
            Degraded::Refuse => {
                let others = &self.others;
                let tickets = self.journal.let_go(|pending| others.cannot_have(pending.sequence));
                acts.extend(tickets.into_iter().map(Act::Unsaved));
            }
        }
        acts
    }
}

#[cfg(test)]
mod tests;
