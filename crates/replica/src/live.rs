//! What a session holds while it lives.

use std::time::Duration;

use copal_protocol::session_id::SessionId;

use crate::attributes::Attributes;
use crate::operations::Operations;
use crate::proof::Proof;
use crate::stamped::Stamped;
use crate::version::Version;

/// A moment of the wall clock, in milliseconds since 1970. Only what must hold over all restarts
/// is measured by it: the absolute end of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WallTime(pub u64);

/// What a session holds while it lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// When it was made.
    pub created: WallTime,
    /// When it ends, however much it is used.
    pub absolute_end: Option<WallTime>,
    /// The last change that a request can see; that a server holds it, or does not, is none.
    pub changed: Version,
    /// How long it lives without being used; `None` for ever. In whole milliseconds.
    pub idle: Stamped<Option<Duration>>,
    /// The secret that a client must show.
    pub proof: Stamped<Proof>,
    /// The one before the last rotation. Whoever applied that rotation honours it for ten seconds.
    pub former: Option<Proof>,
    /// Whose session it is, for "log out everywhere".
    pub user: Stamped<Option<Box<str>>>,
    /// The named values.
    pub attributes: Attributes,
    /// What was answered to the last operations.
    pub operations: Operations,
}

/// What the proof of an id is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is the session's proof: reads and writes.
    Whole,
    /// It was the proof before the last rotation: reads what is older than `before`, writes nothing.
    Former {
        /// The version of the rotation; what the rotating request itself changed has it, too.
        before: Version,
    },
    /// It is no proof of this session.
    None,
}

impl Live {
    /// The same without attributes and answers.
    #[must_use]
    pub fn stowed(&self) -> Self {
        Self {
            attributes: Attributes::away(),
            operations: Operations::default(),
            idle: self.idle.clone(),
            proof: self.proof.clone(),
            former: self.former.clone(),
            user: self.user.clone(),
            ..*self
        }
    }

    /// What the proof of `id` is good for. The former proof counts only while `honour_former`: for
    /// ten seconds after the rotation was applied here.
    #[must_use]
    pub fn admission(&self, id: &SessionId, honour_former: bool) -> Admission {
        // Both are compared always: how long this takes says nothing.
        let is_current = self.proof.value.matches(id);
        let is_former = self.former.as_ref().is_some_and(|former| former.matches(id));
        match (is_current, is_former && honour_former) {
            (true, _) => Admission::Whole,
            (false, true) => Admission::Former { before: self.proof.at },
            (false, false) => Admission::None,
        }
    }
}
