//! A finding as a person reads it: the message, the lines it is about, the hint.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use crate::finding::{Finding, Severity};
use crate::lines::Lines;
use crate::place::Place;

/// What an excerpt is taken from.
pub(crate) struct Excerpt<'r> {
    pub(crate) name: &'r str,
    pub(crate) text: &'r str,
    pub(crate) lines: &'r Lines,
}

impl Excerpt<'_> {
    /// The finding, without a line feed at the end.
    pub(crate) fn of(&self, finding: &Finding, coloured: bool) -> String {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level.primary_title(finding.message.as_str()).id(finding.rule.word());
        let mut group = Group::with_title(title);
        group = group.element(self.snippet(finding.place, AnnotationKind::Primary, None));
        for (place, words) in &finding.also {
            group = group.element(self.snippet(*place, AnnotationKind::Context, Some(words)));
        }
        if let Some(hint) = &finding.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }

    /// Only the line itself is handed on, so that a long file costs no more than a short one.
    fn snippet<'s>(
        &'s self,
        place: Place,
        kind: AnnotationKind,
        words: Option<&'s String>,
    ) -> Snippet<'s, Annotation<'s>> {
        let line = self.lines.line(place.start);
        let range = self.lines.range(line);
        let text = self.text.get(range.clone()).unwrap_or_default();
        let text = text.strip_suffix('\r').unwrap_or(text);
        let start = place.start.saturating_sub(range.start).min(text.len());
        let end = place.end.saturating_sub(range.start).clamp(start, text.len());
        let mut mark = kind.span(start..end);
        if let Some(words) = words {
            mark = mark.label(words.as_str());
        }
        Snippet::source(text).line_start(line).path(self.name).annotation(mark)
    }
}
