//! The keys of a `session-config` that say how many servers hold a session, as they were written.

use std::time::Duration;

use crate::bounds;
use crate::place::Place;
use crate::session_config::{Acknowledge, Degraded, SessionConfig};
use crate::written::leaf::Leaf;
use crate::written::table::Table;

/// The keys of a `session-config` that hold for the whole cluster.
#[derive(Debug, Clone, Default)]
pub(crate) struct WrittenCopies {
    pub(crate) copies: Leaf<usize>,
    pub(crate) acknowledge: Leaf<Acknowledge>,
    pub(crate) acknowledge_timeout: Leaf<Duration>,
    pub(crate) degraded: Leaf<Degraded>,
}

const ACKNOWLEDGE: [(&str, Acknowledge); 3] =
    [("owner", Acknowledge::Owner), ("backup", Acknowledge::Backup), ("all", Acknowledge::All)];

const DEGRADED: [(&str, Degraded); 2] =
    [("accept", Degraded::Accept), ("refuse", Degraded::Refuse)];

impl WrittenCopies {
    /// Reads them from a `session-config`, whoever it belongs to.
    pub(crate) fn read(session_config: &Table<'_>) -> Self {
        Self {
            copies: session_config.count("copies", bounds::COPIES),
            acknowledge: session_config.choice("acknowledge", &ACKNOWLEDGE),
            acknowledge_timeout: session_config
                .duration("acknowledge-timeout", bounds::ACKNOWLEDGE_TIMEOUT),
            degraded: session_config.choice("degraded", &DEGRADED),
        }
    }

    /// Where they stand.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Place, &'static str)> {
        [
            (self.copies.place(), "copies"),
            (self.acknowledge.place(), "acknowledge"),
            (self.acknowledge_timeout.place(), "acknowledge-timeout"),
            (self.degraded.place(), "degraded"),
        ]
        .into_iter()
        .filter_map(|(place, key)| Some((place?, key)))
    }

    /// Where those stand that say something else than `config`.
    pub(crate) fn other_than(
        &self,
        config: &SessionConfig,
    ) -> impl Iterator<Item = (Place, &'static str)> {
        [
            (other(&self.copies, &config.copies), "copies"),
            (other(&self.acknowledge, &config.acknowledge), "acknowledge"),
            (other(&self.acknowledge_timeout, &config.acknowledge_timeout), "acknowledge-timeout"),
            (other(&self.degraded, &config.degraded), "degraded"),
        ]
        .into_iter()
        .filter_map(|(place, key)| Some((place?, key)))
    }
}

fn other<T: PartialEq>(leaf: &Leaf<T>, value: &T) -> Option<Place> {
    leaf.place().filter(|_| leaf.given() != Some(value))
}
