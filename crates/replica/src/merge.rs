//! One line of a session of two that went on apart.

use crate::live::Live;
use crate::plant::{Plant, has};
use crate::record::{Content, Record};
use crate::seen::Seen;

/// One line of the same session of two that went on apart: what is known, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The changes that the content comes from.
    pub seen: Seen,
    /// What the session holds after them.
    pub content: Content,
}

impl Line {
    /// The line that a record is on.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        Self { seen: record.seen.clone(), content: record.content.clone() }
    }

    /// Both lines in one. It does not matter which of the two is called ours, nor whether one is
    /// merged twice, nor in which order several are merged, as long as no line had to forget any of
    /// its [removals](crate::attributes::Attributes::MARKERS) or [epochs](Seen::EPOCHS).
    ///
    /// A line that is only older adds nothing. Else an end wins; of every attribute, and of every
    /// other thing that can change, the one with the higher version wins; no clock decides.
    /// Everything that either copy has is taken: a copy does not know whether its last changes were
    /// acknowledged, because it hears of that only with the next one. Whoever acted and does know
    /// takes back what was not before it shows its copy.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let content = match (self.content, other.content) {
            (Content::Ended { at: one }, Content::Ended { at: two }) => {
                Content::Ended { at: one.min(two) }
            }
            (Content::Ended { .. }, live @ Content::Live(_))
            | (live @ Content::Live(_), Content::Ended { .. })
                if has(Plant::LifeWins) =>
            {
                live
            }
            (ended @ Content::Ended { .. }, Content::Live(_))
            | (Content::Live(_), ended @ Content::Ended { .. }) => ended,
            (Content::Live(ours), Content::Live(theirs)) => {
                Content::Live(Box::new(lives(*ours, &self.seen, *theirs, &other.seen)))
            }
        };
        Self { seen: self.seen.union(&other.seen), content }
    }
}

fn lives(mut ours: Live, seen: &Seen, theirs: Live, other_seen: &Seen) -> Live {
    ours.operations.merge(theirs.operations);
    Live {
        created: ours.created.min(theirs.created),
        absolute_end: match (ours.absolute_end, theirs.absolute_end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        },
        // Whoever merges begins an epoch, and that is a change if something came of it.
        changed: ours.changed.max(theirs.changed),
        idle: ours.idle.newer(theirs.idle),
        // The proof that was good before the newest rotation, as the rotating side knew it.
        former: if theirs.proof.at > ours.proof.at { theirs.former } else { ours.former },
        proof: ours.proof.newer(theirs.proof),
        user: ours.user.newer(theirs.user),
        attributes: ours.attributes.merge(seen, theirs.attributes, other_seen),
        operations: ours.operations,
    }
}

#[cfg(test)]
mod tests;
