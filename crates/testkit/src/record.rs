//! What an origin has seen so far, shared by its threads.

use std::net::TcpStream;
use std::sync::atomic::AtomicBool;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::call::Call;
use crate::step::Step;

/// Writes the answer to a request.
pub(crate) type Script = dyn Fn(&Call) -> Vec<Step> + Send + Sync;

/// What an origin has seen so far.
#[derive(Default)]
pub(crate) struct Record {
    pub(crate) connections: Vec<Recorded>,
    pub(crate) calls: Vec<Call>,
}

/// A connection, as far as it was seen.
pub(crate) struct Recorded {
    /// To end it from outside; `None` when the script has ended it.
    pub(crate) stream: Option<TcpStream>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) ended: bool,
}

/// The record, its script and who waits for it.
pub(crate) struct Shared {
    pub(crate) script: Box<Script>,
    /// Whether the script is asked as soon as a head is there, and the body is read afterwards.
    pub(crate) early: bool,
    pub(crate) record: Mutex<Record>,
    pub(crate) changed: Condvar,
    pub(crate) stopping: AtomicBool,
}

impl Shared {
    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
