//! Keeps secrets out of what is shown of the file, also where they stand in the wrong place.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::findings::Findings;
use crate::written::nearest::nearest;
use crate::written::table::Value;

/// Words in the names of keys that hold a secret. No key that this version shows has one of them.
const WORDS: [&str; 4] = ["secret", "password", "token", "key"];

/// Where a secret may be found; these values are no secrets themselves.
const PLACES: [&str; 2] = ["env", "file"];

/// The keys of this version whose value is a secret, or tells where one is found. Somebody may paste a
/// key where its path belongs.
const KEYS: [&str; 3] = ["secret", "key", "token"];

/// Whether the value of a key is not to be shown. A typing error makes no difference.
fn is_secret(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word)) || nearest(key, KEYS).is_some()
}

/// What a value is part of, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Top,
    /// The table of clusters, of which the names are no keys.
    Clusters,
    Plain,
    /// `secret` or `token` itself.
    Secret,
    /// What tells where a secret is found.
    Place,
    Hidden,
}

impl Inside {
    /// What the value of `key` is part of.
    fn key(self, key: &str) -> Self {
        match self {
            Self::Hidden | Self::Place => Self::Hidden,
            Self::Secret if PLACES.contains(&key) => Self::Place,
            Self::Secret => Self::Hidden,
            Self::Top if key == "cluster" => Self::Clusters,
            Self::Clusters => Self::Plain,
            _ if KEYS.contains(&key) => Self::Secret,
            _ if is_secret(key) => Self::Hidden,
            Self::Top | Self::Plain => Self::Plain,
        }
    }

    /// The same for a dotted path of keys as it is written.
    fn path(self, path: &str) -> Self {
        let keys = path.split('.').map(|key| key.trim().trim_matches(['"', '\'']));
        keys.fold(self, Self::key)
    }

    fn is_hidden(self) -> bool {
        matches!(self, Self::Secret | Self::Hidden)
    }
}

/// Hides every secret of the tree.
pub(crate) fn hide_read(root: &DeTable<'_>, findings: &Findings<'_>) {
    hide_table(root, Inside::Top, findings);
}

fn hide_table(table: &DeTable<'_>, inside: Inside, findings: &Findings<'_>) {
    for (key, value) in table {
        hide_value(value, inside.key(key.get_ref()), findings);
    }
}

fn hide_value(value: &Value<'_>, inside: Inside, findings: &Findings<'_>) {
    match value.get_ref() {
        DeValue::Table(table) => hide_table(table, inside, findings),
        DeValue::Array(items) => items.iter().for_each(|item| hide_value(item, inside, findings)),
        _ if inside.is_hidden() => findings.hide(value.span().into()),
        _ => {}
    }
}

/// Hides what has the look of a secret in the text, which need not be TOML.
pub(crate) fn hide_written(findings: &Findings<'_>) {
    let text = findings.text;
    let mut section = Inside::Top;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or_default();
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        if line.trim_start().starts_with('[') {
            section = Inside::Top.path(line.trim().trim_matches(['[', ']']));
        }
        let mut end = at + line.len();
        if let Some(secret) = secret_of_line(text, at, line, section) {
            end = end.max(secret.end);
            findings.hide(secret.into());
        }
        at = end;
    }
}

/// The part of a line, and of what follows it, that may be a secret.
fn secret_of_line(text: &str, at: usize, line: &str, section: Inside) -> Option<Range<usize>> {
    let mut last = None;
    // A line may hold several keys: `{ port = 80, token = "…" }`.
    for (sign, _) in line.match_indices('=') {
        let first = last.map_or(0, |last| last + 1);
        let before = line.get(first..sign).unwrap_or_default();
        let inner = before.rsplit_once(['{', ',', '[']).map(|(_, key)| key);
        let key = inner.or((last.is_none()).then_some(before));
        last = Some(sign);
        let Some(key) = key.filter(|key| is_path(key)) else { continue };
        let inside = section.path(key);
        if !inside.is_hidden() {
            continue;
        }
        let value = line.get(sign + 1..).unwrap_or_default();
        if inside == Inside::Secret && only_places(value) {
            return None;
        }
        let start = at + line.len() - value.trim_start_matches([' ', '\t']).len();
        return Some(start..end_of_value(text, start));
    }
    if last.is_some() || line.trim_start().starts_with('[') {
        return None;
    }
    if section.is_hidden() {
        return Some(at..end_of_line(text, at));
    }
    // A key without its sign: `secret: …`, `secret "…"`.
    let word = line.trim_start();
    let rest = word.trim_start_matches(is_of_path);
    let key = word.strip_suffix(rest).filter(|key| section.path(key).is_hidden())?;
    let start = at + line.len() - rest.len();
    (!key.is_empty()).then(|| start..end_of_value(text, start))
}

/// Whether a text can be a path of keys, rather than a part of a value.
fn is_path(text: &str) -> bool {
    text.trim().chars().all(|c| is_of_path(c) || "\"' \t".contains(c))
}

fn is_of_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.".contains(c)
}

/// Whether a value is a whole `{ env = "NAME" }` or `{ file = "path" }`.
fn only_places(value: &str) -> bool {
    let value = value.split('#').next().unwrap_or_default().trim();
    let inside = value.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inside.is_some_and(|inside| {
        inside.split(',').all(|entry| {
            let key = entry.split_once('=').map(|(key, _)| key.trim());
            entry.trim().is_empty() || key.is_some_and(|key| PLACES.contains(&key))
        })
    })
}

/// Where the value that begins at `start` ends at the latest.
fn end_of_value(text: &str, start: usize) -> usize {
    let rest = text.get(start..).unwrap_or_default();
    let mut value = rest.trim_start_matches([' ', '\t']);
    if value.trim_start_matches('\r').starts_with('\n') {
        // The value may have slipped into the next line, unless that has one of its own.
        let below = value.trim_start();
        let line = below.lines().next().unwrap_or_default();
        if !line.starts_with(['"', '\'']) && (line.contains('=') || line.starts_with('[')) {
            return end_of_line(text, start);
        }
        value = below;
    }
    let start = start + (rest.len() - value.len());
    for (open, close) in [("\"\"\"", "\"\"\""), ("'''", "'''"), ("[", "]"), ("{", "}")] {
        let Some(inside) = value.strip_prefix(open) else { continue };
        // To the end of the line behind it, and without an end to the end of the file.
        let closed = inside.find(close).map(|at| start + open.len() + at);
        return closed.map_or(text.len(), |at| end_of_line(text, at));
    }
    end_of_line(text, start)
}

fn end_of_line(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    rest.find('\n').map_or(text.len(), |length| at + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::section::Section;

    #[test]
    fn no_other_key_of_the_file_has_the_look_of_a_secret() {
        let sections = Section::ALL.iter().flat_map(|section| section.keys());
        let hidden: Vec<_> = sections.filter(|key| is_secret(key)).collect();
        // `key` of `[tls.NAME]` is a path; whoever writes the key itself there is not shown it in a log.
        assert_eq!(hidden, [&"secret", &"key", &"token"]);
    }

    #[test]
    fn names_of_keys() {
        for key in ["secret", "shared-secret", "SECRET_KEY", "secert", "apiToken", "password"] {
            assert!(is_secret(key), "{key}");
        }
        for (path, hidden) in [
            ("secret", true),
            ("secret.env", false),
            ("secret.evn", true),
            ("secret.env.x", true),
            ("token.secret.env", true),
            ("cluster.keycloak.tier", false),
            ("cluster.a.key", true),
            ("cluster.a.server.secret.\"file\"", false),
            ("limits.max-head", false),
        ] {
            assert_eq!(Inside::Top.path(path).is_hidden(), hidden, "{path}");
        }
    }

    #[test]
    fn a_long_line_is_read_once() {
        // With a look back to its start at every sign, this would take minutes.
        for text in ["a=".repeat(500_000), "secret=\n".repeat(100_000), "x[".repeat(500_000)] {
            hide_written(&Findings::new(&text));
        }
    }
}
