//! A session for which this server acts, and how far the other holders have come.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::holders::{Holder, Standing};
use crate::incarnation::Incarnation;
use crate::record::Record;
use crate::safety::{Degraded, Safety};
use crate::server_id::ServerId;
use crate::step::Step;
use crate::version::Version;

/// A session for which this server acts, and how far the other holders have come.
///
/// Times are running time of this server; see [`RunningTime`](crate::running_time::RunningTime).
#[derive(Debug, Clone)]
pub struct Owned {
    own: ServerId,
    safety: Safety,
    record: Record,
    /// The last change that is acknowledged. The others hear of it with the next step.
    acknowledged: u64,
    /// Changes that are not acknowledged yet, the oldest first.
    pending: VecDeque<Pending>,
    /// The record without them. There is one while there are pending changes.
    before: Option<Box<Record>>,
    others: BTreeMap<ServerId, Other>,
}

/// A change that is not acknowledged yet.
#[derive(Debug, Clone)]
struct Pending {
    step: Step,
    /// Whoever waits for it; nobody for what the ring does by itself.
    ticket: Option<Ticket>,
}

/// Another holder.
#[derive(Debug, Clone, Default)]
struct Other {
    /// The last change that it has confirmed.
    confirmed: u64,
    /// Whether it was sent everything, so that the next step follows what it has.
    in_step: bool,
    /// Since when it has something to confirm.
    waits: Option<Duration>,
}

/// Whoever waits for a change to be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// A server that could hold the session too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Which one.
    pub server: ServerId,
    /// Its present start.
    pub incarnation: Incarnation,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Send a holder what was changed.
    Step(ServerId, Box<Step>),
    /// Send a holder all there is.
    Record(ServerId, Box<Record>),
    /// A change counts: as many servers have it as there must be.
    Acknowledge(Ticket),
    /// A change counts, although fewer servers have it. That is counted.
    AcknowledgeDegraded(Ticket),
    /// A change cannot be made safe. It is here and may be lost or not.
    Unsaved(Ticket),
}

impl Owned {
    /// A session for which `own` acts from now on by the epoch of `record`, which is sent to all its
    /// other holders: they have confirmed nothing of that epoch yet.
    #[must_use]
    pub fn begin(own: ServerId, safety: Safety, record: Record, now: Duration) -> (Self, Vec<Act>) {
        let others = record.holders.iter().filter(|holder| holder.server != own);
        let others: BTreeMap<ServerId, Other> =
            others.map(|holder| (holder.server, Other::default())).collect();
        let servers: Vec<ServerId> = others.keys().copied().collect();
        let acknowledged = record.acknowledged;
        let pending = VecDeque::new();
        let mut owned = Self { own, safety, record, acknowledged, pending, before: None, others };
        let acts = servers.into_iter().flat_map(|server| owned.copy_to(server, now)).collect();
        (owned, acts)
    }

    /// What it is now, pending changes included.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// Whether something that can be read is not acknowledged yet. Whoever reads now waits for that,
    /// and shares its fate.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.pending.iter().any(|pending| pending.step.can_be_seen())
    }

    /// Copies that are missing.
    #[must_use]
    pub fn short(&self) -> usize {
        self.safety.copies.saturating_sub(self.record.holders.current().count())
    }

    /// Takes a step that was decided on for this record, and sends it to the holders that are in step.
    /// A step that does not follow is not taken, and nothing is done.
    pub fn change(&mut self, step: Step, ticket: Option<Ticket>, now: Duration) -> Vec<Act> {
        let step = Step { acknowledged: self.acknowledged, ..step };
        let before = self.before.is_none().then(|| Box::new(self.record.clone()));
        if step.take(&mut self.record).is_err() {
            return Vec::new();
        }
        self.before = self.before.take().or(before);
        for holder in &step.holders {
            if holder.server != self.own {
                self.others.entry(holder.server).or_default();
            }
        }
        for server in &step.dropped {
            self.others.remove(server);
        }
        let mut acts = Vec::new();
        for (server, other) in &mut self.others {
            if other.in_step {
                other.waits = other.waits.or(Some(now));
                acts.push(Act::Step(*server, Box::new(step.clone())));
            }
        }
        self.pending.push_back(Pending { step, ticket });
        acts.extend(self.settle());
        acts
    }

    /// Sends the whole record to a holder that was sent nothing, or has lost its way.
    pub fn copy_to(&mut self, server: ServerId, now: Duration) -> Vec<Act> {
        let Some(other) = self.others.get_mut(&server) else { return Vec::new() };
        other.in_step = true;
        other.waits = other.waits.or(Some(now));
        vec![Act::Record(server, Box::new(self.record.clone()))]
    }

    /// A holder has confirmed everything up to a version.
    pub fn held(&mut self, from: ServerId, version: Version, now: Duration) -> Vec<Act> {
        let (present, Some(other)) = (self.record.version, self.others.get_mut(&from)) else {
            return Vec::new();
        };
        if version.epoch != present.epoch || version > present {
            return Vec::new();
        }
        other.confirmed = other.confirmed.max(version.sequence);
        let has_all = other.confirmed == present.sequence;
        // One that was left behind may have had everything all the same.
        other.in_step |= has_all;
        other.waits = (other.in_step && !has_all).then_some(now);
        let mut acts = self.settle();
        acts.extend(self.promote(from, now));
        acts
    }

    /// Whoever has not confirmed for too long is left behind, and others are taken in its place.
    /// `candidates` are the servers that could, the best first.
    pub fn tick(&mut self, candidates: &[Candidate], now: Duration) -> Vec<Act> {
        let mut acts = self.leave_behind(candidates, now);
        acts.extend(self.settle());
        if !self.can_wait() {
            acts.extend(self.give_up_waiting());
        }
        acts
    }

    /// Somebody else acts from now on. Returns the record without what was not acknowledged, and who
    /// waited for that, each with the version of its change: whoever acts now may have it all the
    /// same. The record lists every server that was sent anything.
    #[must_use]
    pub fn depose(self) -> (Record, Vec<(Ticket, Version)>) {
        let mut record = self.before.map_or_else(|| self.record.clone(), |record| *record);
        for holder in self.record.holders.iter() {
            if record.holders.get(holder.server).is_none() {
                // It was in the list already, so there is room.
                let _fits = record.holders.put(Holder { standing: Standing::Behind, ..*holder });
            }
        }
        let waiting = self.pending.into_iter();
        (record, waiting.filter_map(|one| Some((one.ticket?, one.step.to))).collect())
    }

    /// Acknowledges what enough servers have.
    fn settle(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        while let Some(first) = self.pending.front() {
            let sequence = first.step.to.sequence;
            let have = self.others.values().filter(|other| other.confirmed >= sequence).count();
            if have < self.safety.others() {
                break;
            }
            acts.extend(self.acknowledge_first().map(Act::Acknowledge));
        }
        acts
    }

    fn acknowledge_first(&mut self) -> Option<Ticket> {
        let Pending { step, ticket } = self.pending.pop_front()?;
        self.acknowledged = self.acknowledged.max(step.to.sequence);
        match &mut self.before {
            _ if self.pending.is_empty() => self.before = None,
            // It was taken on the record that this one became, so it follows.
            Some(record) => drop(step.take(record)),
            None => {}
        }
        ticket
    }

    /// A holder that has confirmed the present version is current.
    fn promote(&mut self, server: ServerId, now: Duration) -> Vec<Act> {
        let confirmed = self.others.get(&server).map_or(0, |other| other.confirmed);
        let behind = |holder: &&Holder| holder.standing == Standing::Behind;
        let Some(holder) = self.record.holders.get(server).filter(behind).copied() else {
            return Vec::new();
        };
        if confirmed < self.record.version.sequence {
            return Vec::new();
        }
        let Some(mut step) = Step::after(&self.record) else { return Vec::new() };
        step.holders = vec![Holder { standing: Standing::Current, ..holder }];
        self.change(step, None, now)
    }

    fn leave_behind(&mut self, candidates: &[Candidate], now: Duration) -> Vec<Act> {
        let late = |other: &&Other| {
            other.waits.is_some_and(|since| now >= since + self.safety.acknowledge_timeout)
        };
        let late: Vec<ServerId> = (self.others.iter())
            .filter(|(_, other)| late(other))
            .map(|(server, _)| *server)
            .collect();
        for server in &late {
            if let Some(other) = self.others.get_mut(server) {
                // What it still confirms counts, and it will be sent everything anew.
                (other.in_step, other.waits) = (false, None);
            }
        }
        let mut changed: Vec<Holder> = (self.record.holders.current())
            .filter(|holder| late.contains(&holder.server))
            .map(|holder| Holder { standing: Standing::Behind, ..*holder })
            .collect();
        let missing = (self.short() + changed.len()).saturating_sub(self.under_way(&changed));
        let new = self.substitutes(candidates, missing);
        changed.extend(new.iter().map(|candidate| Holder {
            server: candidate.server,
            incarnation: candidate.incarnation,
            standing: Standing::Behind,
        }));
        let Some(mut step) = Step::after(&self.record).filter(|_| !changed.is_empty()) else {
            return Vec::new();
        };
        step.holders = changed;
        let mut acts = self.change(step, None, now);
        for candidate in new {
            acts.extend(self.copy_to(candidate.server, now));
        }
        acts
    }

    /// Holders that are behind and were sent everything a moment ago.
    fn under_way(&self, leaving: &[Holder]) -> usize {
        let is_behind = |server: ServerId| {
            self.record.holders.get(server).is_some_and(|one| one.standing == Standing::Behind)
                && leaving.iter().all(|one| one.server != server)
        };
        let waiting = self.others.iter().filter(|(_, other)| other.waits.is_some());
        waiting.filter(|(server, _)| is_behind(**server)).count()
    }

    fn substitutes(&self, candidates: &[Candidate], count: usize) -> Vec<Candidate> {
        let is_new = |candidate: &&Candidate| {
            candidate.server != self.own && self.record.holders.get(candidate.server).is_none()
        };
        candidates.iter().filter(is_new).take(count).copied().collect()
    }

    /// Whether somebody may still confirm what is pending.
    fn can_wait(&self) -> bool {
        let Some(first) = self.pending.front() else { return true };
        let sequence = first.step.to.sequence;
        let may = |other: &&Other| other.confirmed >= sequence || other.waits.is_some();
        self.others.values().filter(may).count() >= self.safety.others()
    }

    /// Nobody is left who could confirm.
    fn give_up_waiting(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        while !self.pending.is_empty() {
            let Some(ticket) = self.acknowledge_first() else { continue };
            acts.push(match self.safety.degraded {
                Degraded::Accept => Act::AcknowledgeDegraded(ticket),
                Degraded::Refuse => Act::Unsaved(ticket),
            });
        }
        acts
    }
}

#[cfg(test)]
mod tests;
