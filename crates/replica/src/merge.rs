//! One content of two that went on apart.

use crate::live::Live;
use crate::record::Content;

/// One content of two lines of the same session that went on apart. It does not depend on which of
/// the two is called ours, nor on the order in which several are merged.
///
/// An end wins. Else of every attribute, and of every other thing that can change, the one with
/// the higher version wins; no clock decides. Everything that either copy has is taken: a copy does
/// not know whether its last changes were acknowledged, because it hears of that only with the next
/// one. Whoever acted and does know takes back what was not, before it shows its copy.
#[must_use]
pub fn merge(ours: Content, theirs: Content) -> Content {
    match (ours, theirs) {
        (Content::Ended { at: one }, Content::Ended { at: other }) => {
            // The earlier one is the one that was there to be known first.
            Content::Ended { at: one.min(other) }
        }
        (ended @ Content::Ended { .. }, Content::Live(_))
        | (Content::Live(_), ended @ Content::Ended { .. }) => ended,
        (Content::Live(ours), Content::Live(theirs)) => {
            Content::Live(Box::new(lives(*ours, *theirs)))
        }
    }
}

fn lives(mut ours: Live, theirs: Live) -> Live {
    ours.attributes.merge(theirs.attributes);
    ours.operations.merge(theirs.operations);
    Live {
        created: ours.created.min(theirs.created),
        absolute_end: match (ours.absolute_end, theirs.absolute_end) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        },
        idle: ours.idle.newer(theirs.idle),
        // The proof that was good before the newest rotation, as the rotating side knew it.
        former: if theirs.proof.at > ours.proof.at { theirs.former } else { ours.former },
        proof: ours.proof.newer(theirs.proof),
        user: ours.user.newer(theirs.user),
        attributes: ours.attributes,
        operations: ours.operations,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            (one, two, three) in samples::three_lines(),
        ) {
            prop_assert_eq!(merge(one.clone(), one.clone()), one.clone());
            prop_assert_eq!(merge(one.clone(), two.clone()), merge(two.clone(), one.clone()));
            prop_assert_eq!(
                merge(merge(one.clone(), two.clone()), three.clone()),
                merge(one, merge(two, three))
            );
        }

        #[test]
        fn an_end_wins(line in samples::content()) {
            let ended = Content::Ended { at: samples::version(1, 1) };
            let has_ended = matches!(merge(line, ended), Content::Ended { .. });
            prop_assert!(has_ended);
        }
    }
}
