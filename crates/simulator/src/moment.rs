//! What is around users at one moment.

use crate::chance::Chance;
use crate::plan::Plan;
use crate::process::Arrival;
use crate::table::Table;

/// What is around users at one moment.
#[derive(Debug)]
pub(crate) struct Moment<'w> {
    pub(crate) plan: &'w Plan,
    pub(crate) chance: &'w mut Chance,
    pub(crate) now: u64,
    /// The servers to which requests go.
    pub(crate) takers: &'w [usize],
    /// Those of them that take no new sessions: they were started a moment ago.
    pub(crate) joining: &'w [usize],
    pub(crate) table: &'w Table,
    /// What goes to which server.
    pub(crate) out: Vec<(usize, Arrival)>,
}
