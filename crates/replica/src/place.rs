//! What this server is for a session: the one that acts, or one that has a copy, or neither.

use std::sync::Arc;
use std::time::Duration;

use crate::copy::Copy;
use crate::epoch::Epoch;
use crate::inquiry::Question;
use crate::opinion::{Help, Opinion, Shown};
use crate::owned::Owned;
use crate::record::{Content, Record};
use crate::surroundings::Surroundings;

/// What this server is for a session.
#[derive(Debug, Clone)]
pub enum Place {
    /// Somebody else acts, or nobody. There may be a copy here or not.
    Copy(Copy),
    /// It acts.
    Acts(Box<Owned>),
}

impl Default for Place {
    /// Nothing is here.
    fn default() -> Self {
        Self::Copy(Copy::default())
    }
}

impl Place {
    /// What there is of the session here.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Copy(copy) => copy.record(),
            Self::Acts(owned) => Some(owned.record()),
        }
    }

    /// The same, to be kept.
    #[must_use]
    pub fn shared(&self) -> Option<Arc<Record>> {
        match self {
            Self::Copy(copy) => copy.shared().cloned(),
            Self::Acts(owned) => Some(Arc::clone(owned.shared())),
        }
    }

    /// What it holds is on the disk as it is: only the outline stays.
    pub(crate) fn stow(&mut self) {
        match self {
            Self::Copy(copy) => copy.stow(),
            Self::Acts(owned) => owned.journal_mut().stow(),
        }
    }

    /// What it holds is in memory again.
    pub(crate) fn fetch(&mut self, content: Content) {
        match self {
            Self::Copy(copy) => copy.fetch(content),
            Self::Acts(owned) => owned.journal_mut().fetch(content),
        }
    }

    /// The disk does not give back what it holds.
    pub(crate) fn lose(&mut self) {
        *self = Self::Copy(Copy::missing(self.begun(), self.promised()));
    }

    /// Whether there is something here, or was and cannot be read any more.
    #[must_use]
    pub fn is_something(&self) -> bool {
        match self {
            Self::Copy(copy) => copy.is_something(),
            Self::Acts(_) => true,
        }
    }

    /// Whether there was something here that cannot be read any more.
    #[must_use]
    pub const fn is_missing(&self) -> bool {
        matches!(self, Self::Copy(copy) if copy.is_missing())
    }

    /// The highest epoch of which it is known here that it was begun.
    #[must_use]
    pub fn begun(&self) -> Option<Epoch> {
        match self {
            Self::Copy(copy) => copy.begun(),
            Self::Acts(owned) => Some(owned.record().version.epoch),
        }
    }

    /// The highest epoch that was promised here to somebody.
    #[must_use]
    pub const fn promised(&self) -> Option<Epoch> {
        match self {
            Self::Copy(copy) => copy.promised(),
            Self::Acts(_) => None,
        }
    }

    /// What this server says to the one that asks. `proposed` is the epoch that it would like to
    /// begin itself.
    ///
    /// A promise is given together with the answer that says so, and only then; and none is kept for
    /// a session of which nothing is known here: any client could fill the memory with them.
    pub fn answer(
        &mut self,
        question: &Question,
        proposed: Option<Epoch>,
        around: &Surroundings<'_>,
    ) -> Opinion {
        let help = self.help(question, proposed, around);
        let acting = question.about.and_then(|epoch| around.acting(epoch));
        let others = acting.filter(|server| {
            ![question.asker, around.own.server].contains(server) && around.hears(*server)
        });
        let opinion = self.own_opinion(proposed, around).briefly(question.has);
        Opinion { hears_acting: others.is_some(), help, ..opinion }
    }

    /// What this server says to itself.
    #[must_use]
    pub fn own_opinion(&self, proposed: Option<Epoch>, around: &Surroundings<'_>) -> Opinion {
        let help = match self.wait(around) {
            Duration::ZERO => Help::Now,
            wait => Help::In(wait),
        };
        Opinion {
            incarnation: around.own.incarnation,
            begun: self.begun(),
            promised: self.promised().max(proposed),
            acts: matches!(self, Self::Acts(_)),
            copy: self.shared().map(Shown::Record),
            age: None,
            hears_acting: false,
            help,
            may_miss: around.may_miss() || self.is_missing(),
        }
    }

    fn help(
        &mut self,
        question: &Question,
        proposed: Option<Epoch>,
        around: &Surroundings<'_>,
    ) -> Help {
        let wait = self.wait(around);
        if !wait.is_zero() {
            return Help::In(wait);
        }
        match self {
            Self::Copy(copy) if copy.is_something() && proposed <= Some(question.proposal) => {
                // If it is not given, the asker hears of the epoch that stands in its way.
                let _ = copy.promise(question.proposal);
            }
            Self::Copy(_) | Self::Acts(_) => {}
        }
        Help::Now
    }

    /// How long this server must not help anybody to act.
    fn wait(&self, around: &Surroundings<'_>) -> Duration {
        match self {
            Self::Copy(copy) => copy.begun().map_or(Duration::ZERO, |begun| around.helps_in(begun)),
            Self::Acts(_) => Duration::ZERO,
        }
    }
}
