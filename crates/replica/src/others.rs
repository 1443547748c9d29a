//! The other holders of a session, with what each of them was sent and has confirmed.

use std::sync::Arc;

use litemap::LiteMap;

use crate::act::Act;
use crate::holders::{Holder, Holders, Standing};
use crate::incarnation::Incarnation;
use crate::outline::Outline;
use crate::plant::{Plant, has};
use crate::progress::{Progress, Sent};
use crate::record::Record;
use crate::safety::Safety;
use crate::scene::{Lease, Scene};
use crate::server_id::ServerId;
use crate::snug::snug;
use crate::step::Step;

/// The other holders of a session, with what each of them was sent and has confirmed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Others(LiteMap<ServerId, Progress>);

impl Others {
    /// Those that an epoch begins with: none was sent anything of it yet.
    pub(crate) fn begin<'h>(listed: impl Iterator<Item = &'h Holder>) -> Self {
        let progress =
            |one: &Holder| Progress { may_have: true, ..Progress::new(one.incarnation, 0) };
        Self(listed.map(|one| (one.server, progress(one))).collect())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is known of one.
    pub(crate) fn get(&self, server: ServerId) -> Option<&Progress> {
        self.0.get(&server)
    }

    /// One of them has confirmed everything up to a change. `present` is the last one there is.
    /// Returns whether it could.
    pub(crate) fn held(
        &mut self,
        from: ServerId,
        incarnation: Incarnation,
        sequence: u64,
        present: u64,
    ) -> bool {
        let known = self.0.get_mut(&from).filter(|one| one.incarnation == incarnation);
        let Some(other) = known.filter(|_| sequence <= present) else { return false };
        other.confirm(sequence);
        // One that was left behind may have had everything all the same.
        other.in_step |= sequence == present && other.drop_after.is_none();
        true
    }

    /// Whether none of these can have helped anybody to act since they were asked. `None` if there are
    /// none.
    pub(crate) fn keep_still<'h>(
        &self,
        holders: impl Iterator<Item = &'h Holder>,
        scene: Scene<'_>,
    ) -> Option<bool> {
        let keeps_still = |holder: &Holder| {
            let known = self.get(holder.server).and_then(|other| other.lease);
            known.is_some() && scene.lease(holder.server, holder.incarnation) == known
        };
        holders.map(keeps_still).reduce(|one, other| one && other)
    }

    /// They were asked whether somebody else acts, while there were these leases on them.
    pub(crate) fn asked(&mut self, silent: &[ServerId], leases: &[Lease]) {
        for server in silent {
            self.0.get_mut(server).into_iter().for_each(Progress::fall_behind);
        }
        for lease in leases.iter().filter(|lease| !silent.contains(&lease.server)) {
            if let Some(other) = self.0.get_mut(&lease.server)
                && other.incarnation == lease.incarnation
            {
                other.lease = other.lease.max(Some(lease.number));
            }
        }
    }

    /// A step was taken: others hold the session from now on, or do not any more. It is sent to all
    /// that are in step.
    pub(crate) fn follow(&mut self, own: ServerId, step: &Arc<Step>, scene: Scene<'_>) -> Vec<Act> {
        let sequence = step.to.sequence;
        for holder in step.holders.iter().filter(|holder| holder.server != own) {
            let known = self.0.get(&holder.server);
            if known.is_none_or(|other| other.incarnation != holder.incarnation) {
                // What it had in an earlier start may be on its disk.
                let may_have = known.is_some();
                let new = Progress::new(holder.incarnation, sequence);
                self.0.insert(holder.server, Progress { may_have, ..new });
                snug(&mut self.0);
            }
        }
        step.dropped.iter().for_each(|server| drop(self.0.remove(server)));
        let mut acts = Vec::new();
        for (server, other) in self.0.iter_mut().filter(|(_, other)| other.in_step) {
            let lease = scene.lease(*server, other.incarnation);
            other.sent.push_back(Sent { sequence, at: scene.now, lease });
            other.offered = other.offered.map(|steps| steps + 1);
            acts.push(Act::Step(*server, Arc::clone(step)));
        }
        acts
    }

    /// One of them is sent everything, or first what it certainly has not.
    pub(crate) fn copy_to(
        &mut self,
        server: ServerId,
        record: &Arc<Record>,
        scene: Scene<'_>,
    ) -> Vec<Act> {
        let Some(other) = self.0.get_mut(&server) else { return Vec::new() };
        (other.in_step, other.due_after, other.drop_after) = (true, None, None);
        let sequence = record.version.sequence;
        let lease = scene.lease(server, other.incarnation);
        if other.sent.back().is_none_or(|sent| sent.sequence < sequence) {
            other.sent.push_back(Sent { sequence, at: scene.now, lease });
        }
        let outline = Outline::of(record).filter(|_| other.may_have);
        other.offered = outline.is_some().then_some(0);
        vec![match outline {
            Some(outline) => Act::Outline(server, Box::new(outline)),
            None => Act::Record(server, Arc::clone(record)),
        }]
    }

    /// One of them lacks something. Returns whether it has to be sent everything.
    pub(crate) fn lacks(&mut self, from: ServerId) -> bool {
        let waits = |other: &Progress| other.due_after.is_some() || other.drop_after.is_some();
        self.0.get_mut(&from).filter(|other| !waits(other)).is_some_and(Progress::lacks)
    }

    /// One that was left behind is sent what it lacks.
    pub(crate) fn catch_up(
        &mut self,
        server: ServerId,
        record: &Arc<Record>,
        scene: Scene<'_>,
    ) -> Vec<Act> {
        let behind = self.0.get_mut(&server).filter(|other| !other.may_confirm());
        let Some(other) = behind else { return Vec::new() };
        other.may_have = true;
        self.copy_to(server, record, scene)
    }

    /// One of them is to drop its copy, as soon as the others know of this step.
    pub(crate) fn let_go(&mut self, server: ServerId, known: u64) {
        if let Some(other) = self.0.get_mut(&server) {
            other.fall_behind();
            other.drop_after = Some(known);
        }
    }

    /// A new holder is sent everything when all that have everything know of it: if this server and
    /// the new one were the only ones to know, and this one ended, the new one would be forgotten.
    /// And a holder drops its copy when all of them know that it does not count.
    pub(crate) fn send_what_is_due(&mut self, record: &Arc<Record>, scene: Scene<'_>) -> Vec<Act> {
        let current = |server: ServerId| record.holders.get(server).is_some_and(is_current);
        let knows =
            |(server, other): (&ServerId, &Progress)| current(*server).then_some(other.confirmed);
        let known = self.0.iter().filter_map(knows).min().unwrap_or(u64::MAX);
        let is_known = |listed: Option<u64>| {
            listed.is_some_and(|listed| known >= listed || has(Plant::DropsWhatCounts))
        };
        let (mut due, mut acts) = (Vec::new(), Vec::new());
        for (server, other) in self.0.iter_mut() {
            if is_known(other.drop_after) && other.drop_after != Some(Progress::TOLD) {
                other.drop_after = Some(Progress::TOLD);
                acts.push(Act::Drop(*server));
            }
            due.extend(is_known(other.due_after).then_some(*server));
        }
        acts.extend(due.into_iter().flat_map(|server| self.copy_to(server, record, scene)));
        acts
    }

    /// Those that have not confirmed for too long, or never will, are left behind. Returns what the list is to say
    /// of them.
    pub(crate) fn leave_late_ones(
        &mut self,
        holders: &Holders,
        safety: Safety,
        scene: Scene<'_>,
    ) -> Vec<Holder> {
        let mut behind = Vec::new();
        for (server, other) in self.0.iter_mut() {
            let listed = holders.get(*server).filter(|one| is_current(one));
            let lost = listed.is_some_and(|one| scene.gone.contains(&one.server));
            if lost || is_late(*server, other, safety, scene) {
                // What it still confirms counts, and it will be sent everything anew.
                other.fall_behind();
                behind.extend(listed.map(Holder::behind));
            }
        }
        behind
    }

    /// Whether one of them is to be left behind.
    pub(crate) fn may_fall_behind(&self, safety: Safety, scene: Scene<'_>) -> bool {
        self.0.iter().any(|(server, other)| is_late(*server, other, safety, scene))
    }

    /// Holders that are behind and about to have everything.
    pub(crate) fn under_way(&self, holders: &Holders) -> usize {
        let behind = holders.iter().filter(|holder| !is_current(holder));
        let coming = behind.filter_map(|holder| self.0.get(&holder.server));
        coming.filter(|other| other.may_confirm()).count()
    }

    /// Whether one of them has everything or is about to.
    pub(crate) fn may_help(&self, holders: &Holders) -> bool {
        let current = |server: &ServerId| holders.get(*server).is_some_and(is_current);
        self.0.iter().any(|(server, other)| other.may_confirm() || current(server))
    }

    /// How many have confirmed this change.
    pub(crate) fn have(&self, sequence: u64) -> usize {
        self.0.values().filter(|other| other.confirmed >= sequence).count()
    }

    /// Whether nobody is left who could confirm it.
    pub(crate) fn cannot_have(&self, sequence: u64) -> bool {
        self.0.values().all(|other| other.confirmed >= sequence || !other.may_confirm())
    }

    /// Whether all of them have this change, and were sent nothing else.
    pub(crate) fn all_have(&self, sequence: u64) -> bool {
        self.0.values().all(|other| other.in_step && other.confirmed >= sequence)
    }
}

/// Whether a holder has not confirmed for too long, or never will.
///
/// One that answers heartbeats is there, and busy: it gets more time. To leave it behind would cost it, and
/// us, more work still.
fn is_late(server: ServerId, other: &Progress, safety: Safety, scene: Scene<'_>) -> bool {
    let is_there = scene.lease(server, other.incarnation).is_some();
    let patience = safety.acknowledge_timeout * if is_there { BUSY } else { 1 };
    let late = other.sent.front().is_some_and(|sent| scene.now >= sent.at + patience);
    late || (other.may_confirm() && scene.gone.contains(&server))
}

/// A holder that is there may take so many times longer than one that is not.
const BUSY: u32 = 6;

/// Whether a holder is listed as having everything.
pub(crate) fn is_current(holder: &Holder) -> bool {
    holder.standing == Standing::Current
}
