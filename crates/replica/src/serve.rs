//! What an acting owner does about a call.

use std::sync::Arc;

use bytes::Bytes;

use crate::act::{Act, Ticket};
use crate::answer::Answer;
use crate::call::{Call, Want, Wish};
use crate::change::{Refused, Verdict, decide};
use crate::not_taken::NotTaken;
use crate::owned::Owned;
use crate::plant::{Plant, has};
use crate::scene::Scene;

/// What an acting owner does about a call.
#[derive(Debug)]
pub(crate) struct Served {
    /// What the caller is told.
    pub(crate) answer: Answer,
    /// When it is told.
    pub(crate) when: When,
    /// What is to be done.
    pub(crate) acts: Vec<Act>,
}

/// When a caller is told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// When its own change is acknowledged.
    Acknowledged,
    /// When the change of this number is: whoever has seen something waits for that.
    After(u64),
}

/// Does what a call wants. `ticket` will be acknowledged if it changes something.
pub(crate) fn serve(
    owned: &mut Owned,
    call: &Call,
    honours_former: bool,
    ticket: Ticket,
    scene: Scene<'_>,
) -> Served {
    let pending = owned.pending().filter(|_| !has(Plant::ShowsPending));
    let seen = pending.map_or(0, |version| version.sequence);
    let told = |answer| Served { answer, when: When::After(seen), acts: Vec::new() };
    match &call.want {
        Want::Create(_) => told(Answer::Exists),
        Want::Load(_) if owned.record().live().is_none() => told(Answer::Absent),
        Want::Load(known) if *known == Some(owned.record().version) => {
            told(Answer::NotChanged { honours_former })
        }
        Want::Load(_) => {
            told(Answer::Session { record: Arc::clone(owned.shared()), honours_former })
        }
        Want::Change(wish) => change(owned, wish, seen, ticket, scene),
    }
}

fn change(owned: &mut Owned, wish: &Wish, seen: u64, ticket: Ticket, scene: Scene<'_>) -> Served {
    let told = |answer| Served { answer, when: When::After(seen), acts: Vec::new() };
    let record = owned.record();
    if let Some(version) = wish.made.iter().find(|version| record.seen.contains(**version)) {
        let number = wish.change.number;
        let answer = number.and_then(|number| record.live()?.operations.answer(&number)).cloned();
        return told(Answer::Done { version: *version, answer: answer.unwrap_or_default() });
    }
    let version = record.version;
    match decide(record, &wish.change, &wish.base) {
        // What is gone is gone, whoever ended it.
        Err(Refused::Ended) if wish.change.ends => {
            told(Answer::Done { version, answer: Bytes::new() })
        }
        Err(refused) => told(Answer::Refused(refused)),
        Ok(Verdict::Repeated(answer)) => told(Answer::Done { version, answer }),
        Ok(Verdict::Take(step)) => {
            let answer = step.answer.as_ref().map(|(_, answer)| answer.clone());
            let done = Answer::Done { version: step.to, answer: answer.unwrap_or_default() };
            match owned.change(*step, Some(ticket), scene) {
                Ok(acts) => Served { answer: done, when: When::Acknowledged, acts },
                Err(NotTaken::Alone) => told(Answer::Unsaved),
                // It was made of this very record.
                Err(NotTaken::Misfit(_)) => told(Answer::Failed),
            }
        }
    }
}
