//! What a server says when it is asked who acts for a session.

use std::sync::Arc;
use std::time::Duration;

use crate::epoch::Epoch;
use crate::incarnation::Incarnation;
use crate::outline::Outline;
use crate::record::Record;
use crate::version::Version;

/// What a server says when it is asked who acts for a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// The start of the server that says it.
    pub incarnation: Incarnation,
    /// The highest epoch of which it knows that it was begun: from its copy, or because it acts.
    pub begun: Option<Epoch>,
    /// The highest epoch that it has promised to somebody, or proposes itself. It may never begin.
    pub promised: Option<Epoch>,
    /// Whether it acts itself, by the epoch `begun`.
    pub acts: bool,
    /// Its copy, if it has one.
    pub copy: Option<Shown>,
    /// How long ago the session was used, as far as it knows.
    pub age: Option<Duration>,
    /// Whether it hears the server of the epoch that it was asked about.
    pub hears_acting: bool,
    /// Whether it helps the asker to act.
    pub help: Help,
    /// It may have a copy and not know it: it has just started, and has not compared this session.
    pub may_miss: bool,
}

/// What a server shows of its copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    Record(Arc<Record>),
    /// All but what the session holds: the asker has that, or will get it from this server, which acts.
    Outline(Box<Outline>),
}

/// Whether a server helps another one to act for a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Help {
    /// It does: from now on it takes nothing of epochs below the one that was proposed.
    Now,
    /// Not yet: the acting owner may still rely on it for so long. Nothing is promised.
    In(Duration),
}

impl Opinion {
    /// Its copy, if all of it is shown.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match &self.copy {
            Some(Shown::Record(record)) => Some(record),
            Some(Shown::Outline(_)) | None => None,
        }
    }

    /// Whether it has a copy and does not show what the session holds.
    #[must_use]
    pub const fn is_brief(&self) -> bool {
        matches!(self.copy, Some(Shown::Outline(_)))
    }

    /// The same for an asker whose copy holds what was changed last under this version.
    #[must_use]
    pub fn briefly(self, has: Option<Version>) -> Self {
        let outline = self.record().and_then(Outline::of);
        match outline.filter(|outline| self.acts || has == Some(outline.changed)) {
            Some(outline) => Self { copy: Some(Shown::Outline(Box::new(outline))), ..self },
            None => self,
        }
    }

    /// The same, with what the asker has himself.
    #[must_use]
    pub fn filled_up(self, own: Option<&Record>) -> Self {
        let record = match (&self.copy, own) {
            (Some(Shown::Outline(outline)), Some(own)) => outline.with(own),
            _ => None,
        };
        match record {
            Some(record) => Self { copy: Some(Shown::Record(Arc::new(record))), ..self },
            None => self,
        }
    }
}
