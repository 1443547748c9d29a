//! What is wrong with one value, before its place is known.

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::place::Place;

/// What is wrong with one value, before its place is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) rule: FindingRule,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// The part of the value that is wrong, in bytes; `None` is the whole value.
    pub(crate) within: Option<Place>,
}

impl Problem {
    pub(crate) fn new(rule: FindingRule, message: impl Into<String>) -> Self {
        Self { rule, message: message.into(), hint: None, within: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn within(mut self, start: usize, end: usize) -> Self {
        self.within = Some(Place { start, end });
        self
    }

    /// The finding for a value that reads `value` and stands at `place` of `text`.
    pub(crate) fn at(self, text: &str, place: Place, value: &str) -> Finding {
        let part = self.within.and_then(|within| inside(text, place, value, within));
        let mut finding = Finding::error(self.rule, part.unwrap_or(place), self.message);
        finding.hint = self.hint;
        finding
    }
}

/// Where a part of a string stands in the file, when the string is written there as it reads,
/// without escapes.
fn inside(text: &str, place: Place, value: &str, within: Place) -> Option<Place> {
    let written = text.get(place.start..place.end)?;
    let start = place.start + written.find(value)? + within.start;
    Some(Place { start, end: start + within.end.saturating_sub(within.start) })
}
