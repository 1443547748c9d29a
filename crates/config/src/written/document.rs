//! The file's text, as far as it is TOML.

use toml::de::{DeTable, Error};

use crate::bounds;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::findings::Findings;
use crate::place::Place;
use crate::written::forgive::Forgive;
use crate::written::hidden;
use crate::written::repair::{Repair, long_string, repair};

/// The file's text, as far as it is TOML.
pub(crate) struct Document {
    /// Of the same length and with the same lines as the file.
    text: String,
    /// Values that were put in place of ones that are not TOML.
    stand_ins: Vec<Place>,
    /// Lines that were left out.
    left_out: Vec<Place>,
}

impl Document {
    /// Finds what is TOML in the file and reports every syntax error.
    ///
    /// The parser goes no further than the first broken line, so that line is mended or left out
    /// and the text is parsed again.
    pub(crate) fn parse(findings: &Findings<'_>) -> Self {
        let mut text = findings.text.to_owned();
        hidden::hide_written(findings);
        let mut stand_ins = Vec::new();
        let mut left_out = Vec::new();
        let mut reported: Vec<Place> = Vec::new();
        for _ in 0..bounds::SYNTAX_ERRORS {
            let (root, errors) = DeTable::parse_recoverable(&text);
            let harmless = |error: &Error| is_duplicate(error) && reported.contains(&place(error));
            // The parser lists what is wrong with the structure first: the rest may follow from it.
            let first = errors.iter().find(|error| !harmless(error));
            let Some(error) = first else {
                return Self { text, stand_ins, left_out };
            };
            let at = match long_string(&text, root.get_ref(), place(error).start) {
                Some(start) => Place { start, end: start + 3 },
                None => place(error),
            };
            let tries = reported.iter().filter(|place| **place == at).count();
            if tries == 0 {
                findings.add(finding(error, at, findings.text));
            }
            reported.push(at);
            if is_duplicate(error) {
                // The parser has kept the first one and read on.
                continue;
            }
            let (mended, how) = repair(&text, root.get_ref(), at.start, error.message(), tries);
            match how {
                Repair::Quotes => {}
                Repair::StandIn(value) => stand_ins.push(value),
                Repair::LeftOut(lines) => left_out.push(lines),
            }
            if mended == text {
                break;
            }
            text = mended;
        }
        // There is more wrong than it is worth to tell apart.
        findings.add(not_read(&reported));
        let all = Place { start: 0, end: text.len() };
        Self { text: String::new(), stand_ins: vec![all], left_out: vec![all] }
    }

    /// The tree of its tables and values.
    pub(crate) fn root(&self) -> DeTable<'_> {
        DeTable::parse_recoverable(&self.text).0.into_inner()
    }

    /// Takes back what was found only because of a syntax error.
    pub(crate) fn forgive(&self, findings: &Findings<'_>) {
        let forgive = Forgive::new(findings.text, &self.stand_ins, &self.left_out);
        findings.retain(|finding| !forgive.forgives(finding));
    }
}

fn place(error: &Error) -> Place {
    error.span().map(Place::from).unwrap_or_default()
}

/// Says that the reader has given up, behind all that it has found.
fn not_read(reported: &[Place]) -> Finding {
    let last = reported.iter().max().copied().unwrap_or_default();
    let message = "too much of the file is not TOML, so the rest of it was not read";
    Finding::note(FindingRule::NotRead, last, message)
        .hint("mend what is reported and check again: there may be more mistakes, of every kind")
}

fn is_duplicate(error: &Error) -> bool {
    error.message().starts_with("duplicate key")
}

fn is_escape(error: &Error) -> bool {
    error.message().starts_with("missing escaped value")
}

fn finding(error: &Error, at: Place, text: &str) -> Finding {
    if is_duplicate(error) {
        let key = text.get(at.start..at.end).unwrap_or_default().escape_debug();
        let message = format!("`{key}` is written twice in the same table");
        return Finding::error(FindingRule::DuplicateKey, at, message).hint("keep one of them");
    }
    if is_escape(error) {
        // The parser points behind the backslash.
        let start = at.start.saturating_sub(1);
        let next = text.get(at.start..).and_then(|rest| rest.chars().next());
        let end = at.start + next.map_or(0, char::len_utf8);
        let escape = text.get(start..end).unwrap_or("\\");
        let message = format!("`{}` is no escape of a string in double quotes", escape.trim_end());
        return Finding::error(FindingRule::Syntax, Place { start, end }, message).hint(
            "write a regexp in single quotes, where a backslash stands for itself: '\\.png$'",
        );
    }
    Finding::error(FindingRule::Syntax, at, format!("not TOML: {}", error.message()))
}
