//! What a server says when it is asked who acts for a session.

use std::sync::Arc;
use std::time::Duration;

use crate::epoch::Epoch;
use crate::incarnation::Incarnation;
use crate::record::Record;

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
    /// Its copy.
    pub record: Option<Arc<Record>>,
    /// How long ago the session was used, as far as it knows.
    pub age: Option<Duration>,
    /// Whether it hears the server of the epoch that it was asked about.
    pub hears_acting: bool,
    /// Whether it helps the asker to act.
    pub help: Help,
    /// It may have a copy and not know it: it has just started, and has not compared this session.
    pub may_miss: bool,
}

/// Whether a server helps another one to act for a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Help {
    /// It does: from now on it takes nothing of epochs below the one that was proposed.
    Now,
    /// Not yet: the acting owner may still rely on it for so long. Nothing is promised.
    In(Duration),
}
