//! What is done to a text that is not TOML, so that the rest of it can be read.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::lines::Lines;
use crate::place::Place;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repair {
    /// Double quotes became single ones: the value is what was meant.
    Quotes,
    /// An empty string stands in place of the value.
    StandIn(Place),
    /// These lines were left out.
    LeftOut(Place),
}

/// How many lines before an error may be the one with the open bracket.
const MOST_TRIES: usize = 8;

/// The text without the error at `offset`, of the same length and with the same lines.
///
/// `root` is what the parser made of the text. `tries` is how often this error has been mended
/// before, in vain.
pub(crate) fn repair(
    text: &str,
    root: &DeTable<'_>,
    offset: usize,
    message: &str,
    tries: usize,
) -> (String, Repair) {
    let bracket = tries < MOST_TRIES && speaks_of_brackets(message);
    let scalar = scalar_at(root, offset).filter(|_| tries == 0 && !bracket);
    let scalar = scalar.map(|value| (text.get(value.clone()).unwrap_or_default(), value));
    if let Some((written, value)) = scalar.filter(|(written, _)| !written.contains('\n')) {
        let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let inner = inner.filter(|inner| !inner.contains(['\'', '\n', '"']));
        if let Some(inner) = inner.filter(|_| is_regexp(text, value.start)) {
            return (replace(text, value, &format!("'{inner}'")), Repair::Quotes);
        }
        if value.len() >= 2 {
            let spaces = " ".repeat(value.len() - 2);
            let place = value.clone().into();
            return (replace(text, value, &format!("''{spaces}")), Repair::StandIn(place));
        }
    }
    let left_out = broken_lines(text, offset, bracket);
    let blank: String = text
        .get(left_out.clone())
        .unwrap_or_default()
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    (replace(text, left_out.clone(), &blank), Repair::LeftOut(left_out.into()))
}

/// Where a string of several lines begins in which an error stands: such a string takes in what
/// is meant to follow it, so its end is not where the mistake is.
pub(crate) fn long_string(text: &str, root: &DeTable<'_>, offset: usize) -> Option<usize> {
    let value = scalar_at(root, offset)?;
    let written = text.get(value.clone()).unwrap_or_default();
    written.trim_end().contains('\n').then_some(value.start)
}

/// Whether the value that starts at `offset` is that of a key `regexp`.
fn is_regexp(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or_default().trim_end();
    before.strip_suffix('=').is_some_and(|key| key.trim_end().ends_with("regexp"))
}

fn replace(text: &str, range: Range<usize>, with: &str) -> String {
    let mut changed = text.to_owned();
    if text.get(range.clone()).is_some() {
        changed.replace_range(range, with);
    }
    changed
}

/// The string, number, date or flag in which the byte at `offset` stands.
fn scalar_at(table: &DeTable<'_>, offset: usize) -> Option<Range<usize>> {
    table.values().find_map(|value| scalar_in(value, offset))
}

fn scalar_in(value: &Spanned<DeValue<'_>>, offset: usize) -> Option<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => scalar_at(table, offset),
        DeValue::Array(items) => items.iter().find_map(|item| scalar_in(item, offset)),
        _ => Some(value.span()).filter(|span| span.start <= offset && offset <= span.end),
    }
}

/// Whether an error is about a list or an inline table, which may have begun on an earlier line.
fn speaks_of_brackets(message: &str) -> bool {
    let words = ["array", "inline table", "comma"];
    // An "array table" is a header.
    words.iter().any(|word| message.contains(word)) && !message.contains("array table")
}

/// The bytes of the lines that have to go for an error at `offset`.
fn broken_lines(text: &str, offset: usize, bracket: bool) -> Range<usize> {
    let lines = Lines::of(text);
    let at = lines.line(offset);
    let read = |line: usize| text.get(lines.range(line)).unwrap_or_default();
    let (mut first, mut last) = (at, at);
    // A bracket that was opened on an earlier line: everything from there on. When that line was
    // not the one, it is blank by now, and the one before it is next.
    if bracket {
        let good = begins_statement(read(at));
        let before = if good { at.saturating_sub(1) } else { at };
        let mut above = (1..=before).rev();
        let open = above.find(|line| begins_statement(read(*line)));
        if let Some(open) = open.filter(|line| !is_header(read(*line))) {
            (first, last) = (open, before);
        }
    }
    // The lines after a header that cannot be read belong to nothing that is known.
    if is_header(read(first)) {
        let end = lines.line(text.len());
        let next = (last + 1..=end).find(|line| is_header(read(*line)));
        last = next.map_or(end, |next| next - 1);
    }
    lines.range(first).start..lines.range(last).end
}

fn is_header(line: &str) -> bool {
    line.trim_start().starts_with('[')
}

/// Whether a line has the look of a header, or of a key with a value.
fn begins_statement(line: &str) -> bool {
    let line = line.trim_start();
    let key = line.split_once('=').map(|(key, _)| key.trim_end());
    let is_key = |key: &str| {
        !key.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.\"'".contains(&byte))
    };
    is_header(line) || key.is_some_and(is_key)
}
