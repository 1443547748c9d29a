//! One thing that is wrong with the file, or could be.

use crate::finding_rule::FindingRule;
use crate::place::Place;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is started with this file.
    Error,
    /// It works, and is probably not what was meant.
    Warning,
    /// It works as written; here is what that means.
    Note,
}

/// One thing that is wrong with the file, or could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// The rule that is broken.
    pub rule: FindingRule,
    /// What is wrong, with the values in it.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Other places that have to do with it, each with a few words.
    pub also: Vec<(Place, String)>,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Finding {
    pub(crate) fn error(rule: FindingRule, place: Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, rule, place, message.into())
    }

    pub(crate) fn warning(rule: FindingRule, place: Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, rule, place, message.into())
    }

    pub(crate) fn note(rule: FindingRule, place: Place, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, rule, place, message.into())
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn also(mut self, place: Place, words: impl Into<String>) -> Self {
        self.also.push((place, words.into()));
        self
    }

    fn new(severity: Severity, rule: FindingRule, place: Place, message: String) -> Self {
        Self { severity, rule, message, place, also: Vec::new(), hint: None }
    }
}
