//! A session for which this server acts, with what the other holders have of it.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::act::{Act, Ticket};
use crate::holders::{Holder, Holders, Standing};
use crate::incarnation::Incarnation;
use crate::progress::Progress;
use crate::record::Record;
use crate::safety::{Degraded, Safety};
use crate::scene::{Candidate, Scene};
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
    record: Record,
    /// The last change that is acknowledged. The others hear of it with the next step.
    acknowledged: u64,
    /// What is not acknowledged yet, the oldest first.
    pending: VecDeque<Pending>,
    /// The record without the pending steps. There is one while there are any.
    before: Option<Box<Record>>,
    others: BTreeMap<ServerId, Progress>,
}

/// Something that is not acknowledged yet.
#[derive(Debug, Clone)]
struct Pending {
    sequence: u64,
    /// None for the beginning of the epoch, with everything that the record had before.
    step: Option<Step>,
    /// Whoever waits for it; nobody for what the ring does by itself.
    ticket: Option<Ticket>,
}

/// Why a step was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It does not fit the record.
    #[error(transparent)]
    Misfit(#[from] Misfit),
    /// No other server can have it, and without that nothing is to be changed.
    #[error("no other server can take a copy")]
    Alone,
}

/// What is left of a session that somebody else acts for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deposed {
    /// The record without what was not acknowledged.
    pub record: Record,
    /// Every server that was sent anything of it.
    pub holders: Holders,
    /// Who waited, each with the version of its change: whoever acts now may have it all the same.
    pub waiting: Vec<(Ticket, Version)>,
}

impl Owned {
    /// A session for which `own` acts from now on by the epoch of `record`, which is sent to all its
    /// other holders. Until enough of them have it nothing of it counts; `ticket` waits for that.
    #[must_use]
    pub fn begin(
        own: ServerId,
        safety: Safety,
        record: Record,
        ticket: Option<Ticket>,
        scene: Scene<'_>,
    ) -> (Self, Vec<Act>) {
        let sequence = record.version.sequence;
        let mut owned = Self {
            own,
            safety,
            acknowledged: record.acknowledged,
            pending: [Pending { sequence, step: None, ticket }].into(),
            before: None,
            others: BTreeMap::new(),
            record,
        };
        let listed: Vec<Holder> = owned.record.holders.iter().copied().collect();
        for holder in listed.iter().filter(|holder| holder.server != own) {
            owned.others.insert(holder.server, Progress::new(holder.incarnation, 0));
        }
        let acts = owned.conclude(scene);
        (owned, acts)
    }

    /// What it is now, with what is pending.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// Whether something that can be read is not acknowledged yet. Whoever reads now waits for that,
    /// and shares its fate.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.pending.iter().any(Pending::can_be_seen)
    }

    /// Copies that are missing.
    #[must_use]
    pub fn short(&self) -> usize {
        self.safety.copies.saturating_sub(self.record.holders.current().count())
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
        let mut acts = self.take(step, ticket, scene.now)?;
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
        let present = self.record.version;
        let Some(other) = self.others.get_mut(&from).filter(|one| one.incarnation == incarnation)
        else {
            return Vec::new();
        };
        if version.epoch != present.epoch || version > present {
            return Vec::new();
        }
        other.confirm(version.sequence);
        // One that was left behind may have had everything all the same.
        other.in_step |= version == present;
        let mut acts = self.settle();
        acts.extend(self.promote(from, scene.now));
        acts.extend(self.conclude(scene));
        acts
    }

    /// A holder has lost its way, or has never had anything.
    pub fn lacks(&mut self, from: ServerId, now: Duration) -> Vec<Act> {
        let known = self.others.get(&from).is_some_and(|other| other.due_after.is_none());
        if known { self.copy_to(from, now) } else { Vec::new() }
    }

    /// A holder was met in another start: what it has now is not what it confirmed.
    pub fn met(
        &mut self,
        server: ServerId,
        incarnation: Incarnation,
        scene: Scene<'_>,
    ) -> Vec<Act> {
        let listed = self.record.holders.get(server).filter(|one| one.incarnation != incarnation);
        if listed.is_none() || server == self.own {
            return Vec::new();
        }
        let behind = Holder { server, incarnation, standing: Standing::Behind };
        let mut acts = self.list(vec![behind], scene.now);
        acts.extend(self.conclude(scene));
        acts
    }

    /// Time has passed. Whoever has not confirmed for too long is left behind, and others are taken
    /// in its place.
    pub fn tick(&mut self, scene: Scene<'_>) -> Vec<Act> {
        self.conclude(scene)
    }

    /// One that is behind is tried again.
    pub fn catch_up(&mut self, server: ServerId, now: Duration) -> Vec<Act> {
        let is_behind = self.record.holders.get(server).is_some_and(is_behind);
        if is_behind && self.others.get(&server).is_some_and(|other| !other.may_confirm()) {
            self.copy_to(server, now)
        } else {
            Vec::new()
        }
    }

    /// Somebody else acts from now on.
    #[must_use]
    pub fn depose(self) -> Deposed {
        let holders = self.record.holders.clone();
        let epoch = self.record.version.epoch;
        let record = self.before.map_or(self.record, |record| *record);
        let waiting = self.pending.into_iter();
        let waiting = waiting.filter_map(|Pending { sequence, ticket, .. }| {
            Some((ticket?, Version { epoch, sequence }))
        });
        Deposed { record, holders, waiting: waiting.collect() }
    }

    /// Everything that follows from what is known now.
    fn conclude(&mut self, scene: Scene<'_>) -> Vec<Act> {
        let mut acts = self.leave_behind(scene);
        acts.extend(self.send_what_is_due(scene.now));
        acts.extend(self.settle());
        acts.extend(self.give_up_waiting());
        acts
    }

    fn take(
        &mut self,
        step: Step,
        ticket: Option<Ticket>,
        now: Duration,
    ) -> Result<Vec<Act>, Misfit> {
        let step = Step { acknowledged: self.acknowledged, ..step };
        let before = self.before.is_none().then(|| Box::new(self.record.clone()));
        step.take(&mut self.record)?;
        self.before = self.before.take().or(before);
        let sequence = step.to.sequence;
        for holder in step.holders.iter().filter(|holder| holder.server != self.own) {
            let known = self.others.get(&holder.server);
            if known.is_none_or(|other| other.incarnation != holder.incarnation) {
                let new = Progress::new(holder.incarnation, sequence);
                self.others.insert(holder.server, new);
            }
        }
        step.dropped.iter().for_each(|server| drop(self.others.remove(server)));
        let mut acts = Vec::new();
        for (server, other) in self.others.iter_mut().filter(|(_, other)| other.in_step) {
            other.sent.push_back((sequence, now));
            acts.push(Act::Step(*server, Box::new(step.clone())));
        }
        self.pending.push_back(Pending { sequence, step: Some(step), ticket });
        Ok(acts)
    }

    /// Something else is known of holders, or there are others.
    fn list(&mut self, mut holders: Vec<Holder>, now: Duration) -> Vec<Act> {
        holders.sort_unstable_by_key(|holder| holder.server);
        let Some(mut step) = Step::after(&self.record) else { return Vec::new() };
        step.holders = holders;
        // Too many holders: then it stays as it is, and the session short of copies.
        self.take(step, None, now).unwrap_or_default()
    }

    fn copy_to(&mut self, server: ServerId, now: Duration) -> Vec<Act> {
        let Some(other) = self.others.get_mut(&server) else { return Vec::new() };
        other.in_step = true;
        other.due_after = None;
        let sequence = self.record.version.sequence;
        if other.sent.back().is_none_or(|(last, _)| *last < sequence) {
            other.sent.push_back((sequence, now));
        }
        vec![Act::Record(server, Box::new(self.record.clone()))]
    }

    /// A new holder is sent everything when all that have everything know of it: if this server and
    /// the new one were the only ones to know, and this one ended, the new one would be forgotten.
    fn send_what_is_due(&mut self, now: Duration) -> Vec<Act> {
        let current =
            |server: &ServerId| self.record.holders.get(*server).is_some_and(|one| !is_behind(one));
        let knows =
            |(server, other): (&ServerId, &Progress)| current(server).then_some(other.confirmed);
        let known = self.others.iter().filter_map(knows).min().unwrap_or(u64::MAX);
        let due = |(server, other): (&ServerId, &Progress)| {
            other.due_after.is_some_and(|listed| known >= listed).then_some(*server)
        };
        let due: Vec<ServerId> = self.others.iter().filter_map(due).collect();
        due.into_iter().flat_map(|server| self.copy_to(server, now)).collect()
    }

    /// Acknowledges what enough servers have.
    fn settle(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        while let Some(first) = self.pending.front() {
            let has_it = |other: &&Progress| other.confirmed >= first.sequence;
            if self.others.values().filter(has_it).count() < self.safety.others() {
                break;
            }
            acts.extend(self.acknowledge_first().map(Act::Acknowledge));
        }
        acts
    }

    fn acknowledge_first(&mut self) -> Option<Ticket> {
        let Pending { sequence, step, ticket } = self.pending.pop_front()?;
        self.acknowledged = self.acknowledged.max(sequence);
        match (&mut self.before, step) {
            _ if self.pending.is_empty() => self.before = None,
            // It was taken on the record that this one became, so it follows.
            (Some(record), Some(step)) => drop(step.take(record)),
            _ => {}
        }
        ticket
    }

    /// A holder that is in step and has confirmed everything that was acknowledged is current.
    fn promote(&mut self, server: ServerId, now: Duration) -> Vec<Act> {
        let has_all =
            |other: &Progress| other.in_step && other.confirmed >= self.acknowledged.max(1);
        let listed = self.record.holders.get(server).copied();
        match listed.filter(is_behind).filter(|_| self.others.get(&server).is_some_and(has_all)) {
            Some(holder) => self.list(vec![Holder { standing: Standing::Current, ..holder }], now),
            None => Vec::new(),
        }
    }

    fn leave_behind(&mut self, scene: Scene<'_>) -> Vec<Act> {
        let timeout = self.safety.acknowledge_timeout;
        let mut changed = Vec::new();
        for (server, other) in &mut self.others {
            if other.sent.front().is_some_and(|(_, sent)| scene.now >= *sent + timeout) {
                // What it still confirms counts, and it will be sent everything anew.
                other.in_step = false;
                other.sent.clear();
                let listed = self.record.holders.get(*server).filter(|one| !is_behind(one));
                changed.extend(listed.map(|one| Holder { standing: Standing::Behind, ..*one }));
            }
        }
        let missing = (self.short() + changed.len()).saturating_sub(self.under_way());
        let new = scene.candidates.iter().filter(|candidate| self.is_new(candidate)).take(missing);
        changed.extend(new.map(|candidate| Holder {
            server: candidate.server,
            incarnation: candidate.incarnation,
            standing: Standing::Behind,
        }));
        if changed.is_empty() { Vec::new() } else { self.list(changed, scene.now) }
    }

    /// Holders that are behind and about to have everything.
    fn under_way(&self) -> usize {
        let behind = self.record.holders.iter().filter(|holder| is_behind(holder));
        let coming = behind.filter_map(|holder| self.others.get(&holder.server));
        coming.filter(|other| other.may_confirm()).count()
    }

    /// Whether a second server is wanted, and there is none.
    fn is_alone(&self, scene: Scene<'_>) -> bool {
        let helps = |(server, other): (&ServerId, &Progress)| {
            let listed = self.record.holders.get(*server);
            other.may_confirm() || listed.is_some_and(|one| !is_behind(one))
        };
        let has_others = self.others.iter().any(helps)
            || scene.candidates.iter().any(|candidate| self.is_new(candidate));
        self.safety.others() > 0 && !has_others
    }

    fn is_new(&self, one: &Candidate) -> bool {
        one.server != self.own && self.record.holders.get(one.server).is_none()
    }

    /// Whether nobody is left who could confirm it.
    fn is_hopeless(&self, pending: &Pending) -> bool {
        self.others
            .values()
            .all(|other| other.confirmed >= pending.sequence || !other.may_confirm())
    }

    /// Nobody waits for what nobody will confirm.
    fn give_up_waiting(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        match self.safety.degraded {
            Degraded::Accept => {
                while let Some(first) = self.pending.front().filter(|one| self.is_hopeless(one)) {
                    acts.extend(first.can_be_seen().then_some(Act::Degraded));
                    acts.extend(self.acknowledge_first().map(Act::Acknowledge));
                }
            }
            // It stays pending: what was refused is shown to nobody until it is safe.
            Degraded::Refuse => {
                let hopeless = self.pending.iter().take_while(|one| self.is_hopeless(one)).count();
                let tickets = self.pending.iter_mut().take(hopeless);
                acts.extend(tickets.filter_map(|one| one.ticket.take()).map(Act::Unsaved));
            }
        }
        acts
    }
}

impl Pending {
    fn can_be_seen(&self) -> bool {
        self.step.as_ref().is_none_or(Step::can_be_seen)
    }
}

fn is_behind(holder: &Holder) -> bool {
    holder.standing == Standing::Behind
}

#[cfg(test)]
mod tests;
