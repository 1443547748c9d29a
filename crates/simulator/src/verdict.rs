//! Whether a client may be answered like that.

use copal_replica::answer::Answer;

use crate::client::{Made, What};
use crate::plan::Plan;
use crate::story::Story;

/// What an answer says about its session goes into the story. Looks whether it may be so; `was_curbed`: so
/// much was asked for meanwhile that not everything was looked for.
///
/// # Errors
/// What is wrong.
pub(crate) fn verdict(
    story: &mut Story,
    made: &Made,
    answer: &Answer,
    plan: &Plan,
    was_curbed: bool,
    at: u64,
) -> Result<(), String> {
    match &made.what {
        What::Create => {
            created(story, answer, at);
            Ok(())
        }
        What::Load => loaded(story, made, answer, plan, was_curbed, at),
        What::Do(deed) => {
            match answer {
                Answer::Done { .. } => story.acknowledged(*deed, at),
                Answer::Refused(_) => story.refused(*deed),
                Answer::Failed | Answer::Absent | Answer::Unknown | Answer::Unsaved => {}
                _ => return no_answer(answer),
            }
            Ok(())
        }
    }
}

fn created(story: &mut Story, answer: &Answer, at: u64) {
    match answer {
        Answer::Done { .. } => story.begins(at),
        answer => story.unmade = *answer == Answer::Unsaved,
    }
}

fn loaded(
    story: &mut Story,
    made: &Made,
    answer: &Answer,
    plan: &Plan,
    was_curbed: bool,
    at: u64,
) -> Result<(), String> {
    let strict = plan.kind.is_strict();
    match answer {
        Answer::Session { record, .. } => story.shown(record, &made.floor, strict, at),
        Answer::Absent if !strict => {
            story.denied |= !made.astray && story.must_be_there(&made.floor, at);
            Ok(())
        }
        Answer::Absent => story.absent(&made.floor, strict, at),
        Answer::Unknown if strict && !was_curbed && story.must_be_there(&made.floor, at) => {
            Err("a session that is there is unknown".into())
        }
        Answer::Failed if strict && !plan.must_wait() => Err("a request failed".into()),
        Answer::Unknown | Answer::Failed | Answer::Exists => Ok(()),
        _ => no_answer(answer),
    }
}

fn no_answer(answer: &Answer) -> Result<(), String> {
    Err(format!("{} is no answer to that", kind_of(answer)))
}

/// What kind of answer it is.
pub(crate) const fn kind_of(answer: &Answer) -> &'static str {
    match answer {
        Answer::Session { .. } => "session",
        Answer::NotChanged { .. } => "not changed",
        Answer::Done { .. } => "done",
        Answer::Refused(_) => "refused",
        Answer::Exists => "exists",
        Answer::Absent => "absent",
        Answer::Unknown => "unknown",
        Answer::Unsaved => "unsaved",
        Answer::Failed => "failed",
    }
}
