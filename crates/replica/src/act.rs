//! What an acting owner wants to be done.

use std::sync::Arc;

use crate::outline::Outline;
use crate::record::Record;
use crate::server_id::ServerId;
use crate::step::Step;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Send a holder what was changed.
    Step(ServerId, Arc<Step>),
    /// Send a holder all there is.
    Record(ServerId, Arc<Record>),
    /// Send a holder all but what the session holds: it may have that.
    Outline(ServerId, Box<Outline>),
    /// Tell a holder that its copy is not needed any more.
    Drop(ServerId),
    /// A change counts.
    Acknowledge(Ticket),
    /// Something counts from now on that fewer servers have than there should be. To be counted.
    Degraded,
    /// A change cannot be made safe. It is here and may be lost or not; it counts when others have it
    /// after all, and whoever reads waits for that.
    Unsaved(Ticket),
}

/// Whoever waits for a change to be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);
