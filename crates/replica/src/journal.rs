//! The record of a session for which this server acts, with what is not acknowledged yet.

use std::collections::VecDeque;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::act::{Act, Ticket};
use crate::record::{Content, Record};
use crate::step::{Misfit, Step};
use crate::version::Version;

/// The record of a session for which this server acts, with what is not acknowledged yet.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    record: Arc<Record>,
    /// The last change that is acknowledged. The others hear of it with the next step.
    acknowledged: u64,
    /// What is not acknowledged yet, the oldest first.
    pending: VecDeque<Pending>,
    /// The record without the pending steps. There is one while there are any.
    before: Option<Arc<Record>>,
}

/// Something that is not acknowledged yet.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    /// Its number.
    pub(crate) sequence: u64,
    /// None for the beginning of the epoch, with everything that the record had before.
    step: Option<Arc<Step>>,
    /// Who waits for it; nobody for what the ring does by itself.
    tickets: SmallVec<[Ticket; 1]>,
}

impl Journal {
    /// The beginning of an epoch, for which these wait.
    pub(crate) fn begin(record: Record, tickets: Vec<Ticket>) -> Self {
        let sequence = record.version.sequence;
        let acknowledged = record.acknowledged;
        let pending = [Pending { sequence, step: None, tickets: tickets.into() }].into();
        Self { record: Arc::new(record), acknowledged, pending, before: None }
    }

    /// What it is now, with what is pending.
    pub(crate) const fn record(&self) -> &Arc<Record> {
        &self.record
    }

    /// What it holds is on the disk as it is, and nothing is pending: only the outline stays.
    pub(crate) fn stow(&mut self) {
        self.record = Arc::new(self.record.stowed());
    }

    /// What it holds is in memory again.
    pub(crate) fn fetch(&mut self, content: Content) {
        Arc::make_mut(&mut self.record).content = content;
    }

    /// The last change that is acknowledged, by its number.
    pub(crate) const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// The last change that is not acknowledged and that can be seen, if there is one.
    pub(crate) fn pending(&self) -> Option<Version> {
        let last = self.pending.iter().rev().find(|one| one.can_be_seen())?;
        Some(Version { epoch: self.record.version.epoch, sequence: last.sequence })
    }

    /// The number of the beginning of an epoch, while that is not acknowledged and the session has ended.
    pub(crate) fn beginning_of_an_end(&self) -> Option<u64> {
        let first = self.first().filter(|first| first.step.is_none())?;
        self.record.live().is_none().then_some(first.sequence)
    }

    /// Whether the session was ended in this epoch, and that is not acknowledged.
    pub(crate) fn ends(&self) -> bool {
        self.pending.iter().any(|one| one.step.as_ref().is_some_and(|step| step.ends))
    }

    /// The oldest thing that is not acknowledged.
    pub(crate) fn first(&self) -> Option<&Pending> {
        self.pending.front()
    }

    /// Takes a step on the record. Returns it as the others are to get it.
    ///
    /// # Errors
    /// [`Misfit`]; then nothing has happened.
    pub(crate) fn take(&mut self, step: Step, ticket: Option<Ticket>) -> Result<Arc<Step>, Misfit> {
        let step = Arc::new(Step { acknowledged: self.acknowledged, ..step });
        // Shared from here on: what was is not copied, but what becomes of it.
        let before = self.before.is_none().then(|| Arc::clone(&self.record));
        step.take(Arc::make_mut(&mut self.record))?;
        self.before = self.before.take().or(before);
        let (sequence, tickets) = (step.to.sequence, ticket.into_iter().collect());
        self.pending.push_back(Pending { sequence, step: Some(Arc::clone(&step)), tickets });
        Ok(step)
    }

    /// The oldest thing that was not acknowledged is, now. Returns who waited.
    fn acknowledge_first(&mut self) -> SmallVec<[Ticket; 1]> {
        let Some(Pending { sequence, step, tickets }) = self.pending.pop_front() else {
            return SmallVec::new();
        };
        self.acknowledged = self.acknowledged.max(sequence);
        match (&mut self.before, step) {
            // Nearly always nothing is pending: no memory is kept for that.
            _ if self.pending.is_empty() => (self.before, self.pending) = (None, VecDeque::new()),
            // It was taken on the record that this one became, so it follows.
            (Some(record), Some(step)) => drop(step.take(Arc::make_mut(record))),
            _ => {}
        }
        tickets
    }

    /// The oldest things are acknowledged, as long as they count by their numbers; `degraded`: although
    /// fewer servers have them than should.
    pub(crate) fn acknowledge_while(
        &mut self,
        degraded: bool,
        counts: impl Fn(u64) -> bool,
    ) -> Vec<Act> {
        let mut acts = Vec::new();
        while let Some(first) = self.first().filter(|one| counts(one.sequence)) {
            acts.extend((degraded && first.can_be_seen()).then_some(Act::Degraded));
            acts.extend(self.acknowledge_first().into_iter().map(Act::Acknowledge));
        }
        acts
    }

    /// Those that wait for the first things do not wait any longer, as long as these are `hopeless`.
    pub(crate) fn let_go(&mut self, hopeless: impl Fn(&Pending) -> bool) -> Vec<Ticket> {
        let count = self.pending.iter().take_while(|one| hopeless(one)).count();
        self.pending
            .iter_mut()
            .take(count)
            .flat_map(|one| std::mem::take(&mut one.tickets))
            .collect()
    }

    /// The record without what was not acknowledged, and who waited, each with the version of its
    /// change.
    pub(crate) fn take_back(self) -> (Record, Vec<(Ticket, Version)>) {
        let epoch = self.record.version.epoch;
        let record = Arc::unwrap_or_clone(self.before.unwrap_or(self.record));
        let waiting = self.pending.into_iter().flat_map(|Pending { sequence, tickets, .. }| {
            let version = Version { epoch, sequence };
            tickets.into_iter().map(move |ticket| (ticket, version))
        });
        (record, waiting.collect())
    }
}

impl Pending {
    /// Whether requests can see it.
    pub(crate) fn can_be_seen(&self) -> bool {
        self.step.as_ref().is_none_or(|step| step.can_be_seen())
    }
}
