//! All that was found in a file, in the order of the file.

use crate::excerpt::Excerpt;
use crate::finding::{Finding, Severity};
use crate::finding_rule::FindingRule;
use crate::lines::{Lines, Position};
use crate::place::Place;

/// How many findings of one rule are printed; the others are counted.
const SHOWN: usize = 20;

/// All that was found in a file, in the order of the file.
///
/// `{}` prints it plain, `{:#}` with the colours of a terminal. Secrets are not shown, and of
/// many findings of one rule only the first ones.
#[derive(Debug, Clone)]
pub struct Report {
    name: String,
    /// The file, with stars where a secret stands.
    text: String,
    lines: Lines,
    findings: Vec<Finding>,
}

impl Report {
    /// `text` is the file as its reader may show it.
    pub(crate) fn new(name: &str, text: String, mut findings: Vec<Finding>) -> Self {
        for finding in &mut findings {
            let also = finding.also.iter_mut().map(|(place, _)| place);
            for place in also.chain(std::iter::once(&mut finding.place)) {
                // The parser may point into the middle of a character.
                place.start = text.floor_char_boundary(place.start);
                place.end = text.ceil_char_boundary(place.end).max(place.start);
            }
        }
        let key = |finding: &Finding| (finding.place, finding.severity, finding.rule);
        findings.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)));
        findings.dedup();
        Self { name: name.to_owned(), lines: Lines::of(&text), text, findings }
    }

    /// What was found, sorted by place.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How much was found, of any severity.
    #[must_use]
    pub fn count(&self) -> usize {
        self.findings.len()
    }

    /// How much of one severity was found.
    #[must_use]
    pub fn count_of(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// Line and column of a place of this file.
    #[must_use]
    pub fn position(&self, place: Place) -> Position {
        self.lines.position(&self.text, place.start)
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let excerpt = Excerpt { name: &self.name, text: &self.text, lines: &self.lines };
        let mut shown = [0_usize; FindingRule::ALL.len()];
        for finding in &self.findings {
            let Some(count) = shown.get_mut(finding.rule as usize) else { continue };
            *count += 1;
            if *count <= SHOWN {
                writeln!(f, "{}\n", excerpt.of(finding, f.alternate()))?;
            }
        }
        let more = FindingRule::ALL.iter().zip(shown).filter(|(_, count)| *count > SHOWN);
        for (rule, count) in more {
            let more = count - SHOWN;
            writeln!(
                f,
                "[{rule}]: and {more} more of this kind; `copal check --json` lists all\n"
            )?;
        }
        let counts =
            [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
                .map(|(severity, word)| (self.count_of(severity), word));
        write!(f, "{}: ", self.name)?;
        let mut separator = "";
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, "{separator}{count} {word}{}", if count == 1 { "" } else { "s" })?;
            separator = ", ";
        }
        if separator.is_empty() { f.write_str("nothing found") } else { Ok(()) }
    }
}

impl std::error::Error for Report {}
