//! What the servers of the ring say to each other about one session.

use std::sync::Arc;
use std::time::Duration;

use crate::answer::Answer;
use crate::call::Call;
use crate::copy::Reply;
use crate::epoch::Epoch;
use crate::inquiry::Question;
use crate::opinion::Opinion;
use crate::outline::Outline;
use crate::record::Record;
use crate::step::Step;
use crate::version::Version;

/// What one server says to another about one session.
///
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The acting owner sends what was changed.
    Step(Arc<Step>),
    /// The acting owner sends everything.
    Record {
        /// What the session is.
        record: Arc<Record>,
        /// How long ago it was used; a server of before does not say.
        age: Option<Duration>,
    },
    /// The acting owner sends all but what the session holds.
    Outline {
        /// What the session is.
        outline: Box<Outline>,
        /// How long ago it was used.
        age: Option<Duration>,
    },
    /// A holder says what became of the last step or record.
    Reply(Reply),
    /// Who acts?
    Ask {
        /// Of the question.
        number: u64,
        /// What is asked.
        question: Question,
    },
    /// The answer to that.
    Opinion {
        /// Of the question.
        number: u64,
        /// What is known.
        opinion: Box<Opinion>,
    },
    /// A request on another server wants something of the session.
    Call {
        /// Of the call.
        number: u64,
        /// Over so many servers it came.
        hops: u8,
        /// What it wants.
        call: Box<Call>,
    },
    /// What came of that.
    Answer {
        /// Of the call.
        number: u64,
        /// What came of it.
        answer: Box<Answer>,
    },
    /// Not here, and nobody is known who could be reached from here.
    NotActing {
        /// Of the call.
        number: u64,
    },
    /// The server that gets this acts from now on. Whoever has said it does not.
    Grant {
        /// By which epoch.
        epoch: Epoch,
        /// What the session is at this moment.
        version: Version,
        /// How long ago it was used; a server of before does not say.
        age: Option<Duration>,
    },
    /// A copy that is not newer is not needed any more.
    Drop(Version),
    /// It is gone.
    Dropped(Epoch),
    /// The session ended, and everybody knows: nothing of it needs to be kept.
    Forget(Version),
    /// The sender acts, this is the session's version, and it was used so long ago.
    Touch {
        /// What a holder has that is in step.
        version: Version,
        /// How long ago.
        age: Duration,
    },
}

impl Frame {
    /// The record in it, if it has one.
    #[must_use]
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Record { record, .. } | Self::Reply(Reply::Differs(record, _)) => Some(record),
            Self::Opinion { opinion, .. } => opinion.record(),
            Self::Answer { answer, .. } => match &**answer {
                Answer::Session { record, .. } => Some(record),
                _ => None,
            },
            _ => None,
        }
    }
}
