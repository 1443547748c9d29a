//! A user with a browser, as far as the ring is concerned.

use copal_replica::act::Ticket;

use crate::story::{Deed, Floor};

/// A user. Has one request under way at a time.
#[derive(Debug, Default)]
pub(crate) struct Client {
    /// What is under way, if anything.
    pub(crate) under_way: Option<Ticket>,
    /// Servers that were tried for the present request.
    pub(crate) tried: Vec<usize>,
    /// The session that the request is about.
    pub(crate) session: usize,
}

/// A call that a client made.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    pub(crate) client: usize,
    pub(crate) session: usize,
    pub(crate) server: usize,
    pub(crate) at: u64,
    pub(crate) floor: Floor,
    /// When it was answered, no server that the id names had a copy.
    pub(crate) astray: bool,
    pub(crate) what: What,
}

/// What was called for.
#[derive(Debug, Clone)]
pub(crate) enum What {
    Create,
    Load,
    Do(Deed),
}
