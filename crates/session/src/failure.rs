//! Why the ring did not make a change.

use copal_replica::answer::Answer;
use copal_replica::change::Refused;

use crate::error::Error;

/// Why a change was not made.
pub(crate) fn failure(answer: Answer) -> Error {
    match answer {
        Answer::Refused(Refused::Ended) | Answer::Absent => Error::Ended,
        Answer::Refused(Refused::Changed(name)) => Error::Changed { name: name.into() },
        Answer::Refused(Refused::UserChanged) => Error::Changed { name: "user".to_owned() },
        Answer::Refused(Refused::Rotated) => Error::Rotated,
        Answer::Refused(Refused::NotAsExpected) => Error::NotAsExpected,
        Answer::Refused(Refused::NotANumber(name)) => Error::NotANumber { name: name.into() },
        Answer::Refused(Refused::Overflow(name)) => Error::Overflow { name: name.into(), by: 0 },
        Answer::Unknown => Error::Unknown,
        Answer::Unsaved => Error::Unsaved,
        Answer::Refused(Refused::UsedUp)
        | Answer::Failed
        | Answer::Exists
        | Answer::Done { .. }
        | Answer::Session { .. }
        | Answer::NotChanged { .. } => Error::Unreached,
    }
}
