//! The numbers by which frames are told apart.

use crate::answer::Answer;
use crate::call::Want;
use crate::copy::Reply;
use crate::frame::Frame;

/// What a frame is, as its first number says. A number is never used for something else later.
///
/// What a call wants and what comes of it are kinds of their own, so that one number says whether a
/// frame can be read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    Step = 1,
    Record = 2,
    Held = 3,
    Lacks = 4,
    Higher = 5,
    Differs = 6,
    Ask = 7,
    Opinion = 8,
    Create = 9,
    Load = 10,
    Change = 11,
    Session = 12,
    NotChanged = 13,
    Done = 14,
    Refused = 15,
    Exists = 16,
    Absent = 17,
    Unknown = 18,
    Unsaved = 19,
    Failed = 20,
    NotActing = 21,
    Grant = 22,
    Drop = 23,
    Dropped = 24,
    Forget = 25,
    Touch = 26,
    Outline = 27,
    BriefOpinion = 28,
}

impl FrameKind {
    pub(crate) const ALL: [Self; 28] = [
        Self::Step,
        Self::Record,
        Self::Held,
        Self::Lacks,
        Self::Higher,
        Self::Differs,
        Self::Ask,
        Self::Opinion,
        Self::Create,
        Self::Load,
        Self::Change,
        Self::Session,
        Self::NotChanged,
        Self::Done,
        Self::Refused,
        Self::Exists,
        Self::Absent,
        Self::Unknown,
        Self::Unsaved,
        Self::Failed,
        Self::NotActing,
        Self::Grant,
        Self::Drop,
        Self::Dropped,
        Self::Forget,
        Self::Touch,
        Self::Outline,
        Self::BriefOpinion,
    ];

    pub(crate) fn of(frame: &Frame) -> Self {
        match frame {
            Frame::Step(_) => Self::Step,
            Frame::Record { .. } => Self::Record,
            Frame::Outline { .. } => Self::Outline,
            Frame::Reply(Reply::Held(_)) => Self::Held,
            Frame::Reply(Reply::Lacks) => Self::Lacks,
            Frame::Reply(Reply::Higher(_)) => Self::Higher,
            Frame::Reply(Reply::Differs(..)) => Self::Differs,
            Frame::Ask { .. } => Self::Ask,
            Frame::Opinion { opinion, .. } if opinion.is_brief() => Self::BriefOpinion,
            Frame::Opinion { .. } => Self::Opinion,
            Frame::Call { call, .. } => match call.want {
                Want::Create(_) => Self::Create,
                Want::Load(_) => Self::Load,
                Want::Change(_) => Self::Change,
            },
            Frame::Answer { answer, .. } => Self::of_answer(answer),
            Frame::NotActing { .. } => Self::NotActing,
            Frame::Grant { .. } => Self::Grant,
            Frame::Drop(_) => Self::Drop,
            Frame::Dropped(_) => Self::Dropped,
            Frame::Forget(_) => Self::Forget,
            Frame::Touch { .. } => Self::Touch,
        }
    }

    const fn of_answer(answer: &Answer) -> Self {
        match answer {
            Answer::Session { .. } => Self::Session,
            Answer::NotChanged { .. } => Self::NotChanged,
            Answer::Done { .. } => Self::Done,
            Answer::Refused(_) => Self::Refused,
            Answer::Exists => Self::Exists,
            Answer::Absent => Self::Absent,
            Answer::Unknown => Self::Unknown,
            Answer::Unsaved => Self::Unsaved,
            Answer::Failed => Self::Failed,
        }
    }

    pub(crate) const fn number(self) -> u64 {
        self as u64
    }

    pub(crate) fn from_number(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_numbered_from_one_without_a_gap() {
        for (kind, number) in FrameKind::ALL.into_iter().zip(1..) {
            assert_eq!(kind.number(), number, "{kind:?}");
            assert_eq!(FrameKind::from_number(number), Some(kind));
        }
        assert_eq!(FrameKind::from_number(0), None);
        assert_eq!(FrameKind::from_number(29), None);
    }
}
