//! What a request has loaded of its session.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use copal_protocol::session_id::SessionId;
use copal_replica::change::Base;
use copal_replica::live::{Admission, Live};
use copal_replica::record::Record;

/// What a request has loaded of its session; all clones are the same place.
#[derive(Clone, Default)]
pub(crate) struct Loaded(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    copy: Option<Copy>,
    /// The request has changed the session since.
    is_old: bool,
    /// What was kept back on this server had been saved so often.
    saves: u64,
}

/// A session as it was at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Copy {
    record: Arc<Record>,
    honours_former: bool,
}

impl Loaded {
    /// What was loaded, if it is still good.
    pub(crate) fn get(&self) -> Option<Copy> {
        let inside = self.inside();
        inside.copy.clone().filter(|_| !inside.is_old)
    }

    /// What was loaded last, good or not.
    pub(crate) fn last(&self) -> Option<Copy> {
        self.inside().copy.clone()
    }

    /// This was loaded.
    pub(crate) fn put(&self, copy: Copy) {
        let mut inside = self.inside();
        (inside.copy, inside.is_old) = (Some(copy), false);
    }

    /// The request has changed the session: what it reads next is loaded anew.
    pub(crate) fn forget(&self) {
        self.inside().is_old = true;
    }

    /// Forgets what was loaded before something was saved that this server had kept back.
    pub(crate) fn forget_before(&self, saves: u64) {
        let mut inside = self.inside();
        if inside.saves != saves {
            (inside.is_old, inside.saves) = (true, saves);
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Loaded {
    /// Without what is in the session.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loaded(..)")
    }
}

impl Copy {
    /// The session as an answer has it.
    pub(crate) const fn new(record: Arc<Record>, honours_former: bool) -> Self {
        Self { record, honours_former }
    }

    /// All that is known of it.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// What it holds.
    pub(crate) fn live(&self) -> Option<&Live> {
        self.record.live()
    }

    /// What the proof of `id` is good for.
    pub(crate) fn admission(&self, id: &SessionId) -> Admission {
        self.live().map_or(Admission::None, |live| live.admission(id, self.honours_former))
    }

    /// What the request has read, for the change that it makes.
    pub(crate) fn base(&self) -> Base {
        Base::of(&self.record)
    }
}
