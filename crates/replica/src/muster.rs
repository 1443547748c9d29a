//! Which servers hold a session, and which others should.

use crate::holders::Holder;
use crate::others::{Others, is_current};
use crate::record::Record;
use crate::safety::{Degraded, Safety};
use crate::scene::{Candidate, Scene};
use crate::server_id::ServerId;

/// A session's holders, looked at to see whether there are as many as there should be.
pub(crate) struct Muster<'m> {
    /// The server that acts.
    pub(crate) own: ServerId,
    pub(crate) safety: Safety,
    pub(crate) record: &'m Record,
    pub(crate) others: &'m Others,
    /// It ends, and that is not acknowledged yet.
    pub(crate) ends: bool,
    pub(crate) scene: Scene<'m>,
}

impl Muster<'_> {
    /// Copies that are missing; of an ended session none is.
    pub(crate) fn short(&self) -> usize {
        if self.record.live().is_none() { 0 } else { self.missing() }
    }

    /// Whether others may be wanted, or fewer: else nothing is asked of the candidates.
    pub(crate) fn wants_others(&self) -> bool {
        self.safety.degraded == Degraded::Refuse
            || self.lasting() != self.safety.copies
            || self.others.may_fall_behind(self.safety, self.scene)
    }

    /// Those that are to hold it too, after these were lost.
    pub(crate) fn new_ones(&self, lost: &[Holder]) -> Vec<Holder> {
        // Else they are missing already.
        let lost = lost.iter().filter(|holder| self.lasts(holder)).count();
        // An end is as safe as any other change before it counts, if anybody has anything of the session.
        let needs_others = self.record.live().is_some() || (self.ends && self.others.len() > 0);
        let wanted = if needs_others { self.missing() + lost } else { 0 };
        let missing = wanted.saturating_sub(self.others.under_way(&self.record.holders));
        let new = self.scene.candidates.iter().filter(|one| self.is_new(one)).take(missing);
        new.map(|new| Holder::lacking(new.server, new.incarnation)).collect()
    }

    /// The one in the least wanted place, when there are more copies than there should be.
    pub(crate) fn surplus(&self) -> Option<ServerId> {
        if self.lasting() <= self.safety.copies || self.record.live().is_none() {
            return None;
        }
        let holds = |server: ServerId| {
            server != self.own && self.record.holders.get(server).is_some_and(is_current)
        };
        self.scene.least_wanted(holds)
    }

    /// Whether a second server is wanted, and there is none.
    pub(crate) fn is_alone(&self) -> bool {
        let has_others = self.others.may_help(&self.record.holders)
            || self.scene.candidates.iter().any(|one| self.is_new(one));
        self.safety.others() > 0 && !has_others
    }

    fn missing(&self) -> usize {
        self.safety.copies.saturating_sub(self.lasting())
    }

    /// How many have everything and will stay.
    fn lasting(&self) -> usize {
        let current = self.record.holders.current();
        current.filter(|holder| self.lasts(holder)).count()
    }

    fn lasts(&self, holder: &Holder) -> bool {
        let is_lost = holder.server != self.own && self.scene.has_lost(holder);
        !is_lost && !self.scene.leaving.contains(&holder.server)
    }

    fn is_new(&self, one: &Candidate) -> bool {
        one.server != self.own && self.record.holders.get(one.server).is_none()
    }
}
