//! A table of the file, read key by key, each with the type that it must have.

use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::findings::Findings;
use crate::place::Place;
use crate::written::duration;
use crate::written::leaf::Leaf;
use crate::written::nearest::nearest;
use crate::written::problem::Problem;
use crate::written::quote::{quoted, values};
use crate::written::section::Section;
use crate::written::size;

/// A value of the file with its place.
pub(crate) type Value<'t> = Spanned<DeValue<'t>>;

/// A table of the file, read key by key. [`Table::finish`] reports the keys that nobody knows.
pub(crate) struct Table<'t> {
    entries: &'t DeTable<'t>,
    /// Its header, or all of it when it is written in braces.
    pub(crate) place: Place,
    pub(crate) section: Section,
    pub(crate) findings: &'t Findings<'t>,
}

impl<'t> Table<'t> {
    pub(crate) fn new(
        entries: &'t DeTable<'t>,
        place: Place,
        section: Section,
        findings: &'t Findings<'t>,
    ) -> Self {
        Self { entries, place, section, findings }
    }

    /// Every key with its value, in the order of the file.
    pub(crate) fn entries(
        &self,
    ) -> impl Iterator<Item = (&'t str, Place, &'t Value<'t>)> + use<'t> {
        self.entries.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span().into(), value))
    }

    /// The value of `key`, whatever it is.
    pub(crate) fn value(&self, key: &str) -> Option<&'t Value<'t>> {
        debug_assert!(self.section.keys().contains(&key), "{key} is missing in section.rs");
        self.entries.get(key)
    }

    /// Where the key itself stands, else the table's header.
    pub(crate) fn key_place(&self, key: &str) -> Place {
        self.entries.get_key_value(key).map_or(self.place, |(key, _)| key.span().into())
    }

    pub(crate) fn text(&self, key: &str) -> Leaf<String> {
        self.leaf(key, |value| value.as_str().map(str::to_owned), "a string in quotes")
    }

    /// A string that `parse` makes something of.
    pub(crate) fn parsed<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Leaf<T> {
        self.text(key).and_then(|text, place| self.good(parse(&text), place, &text))
    }

    pub(crate) fn flag(&self, key: &str) -> Leaf<bool> {
        self.leaf(key, DeValue::as_bool, "true or false")
    }

    pub(crate) fn whole(&self, key: &str, range: RangeInclusive<u64>) -> Leaf<u64> {
        let (least, most) = (*range.start(), *range.end());
        let expected = format!("a whole number from {least} to {most}");
        self.leaf(key, whole_number, &expected).and_then(|number, place| {
            let inside = number.as_ref().ok().filter(|number| range.contains(number));
            if inside.is_none() {
                let shown = number.as_ref().map_or_else(Clone::clone, u64::to_string);
                let message = format!("`{key}` must be {expected}, not {shown}");
                self.findings.add(Finding::error(FindingRule::OutOfRange, place, message));
            }
            inside.copied()
        })
    }

    /// The same for a number that is used as a size in memory.
    pub(crate) fn count(&self, key: &str, range: RangeInclusive<u64>) -> Leaf<usize> {
        self.whole(key, range).and_then(|number, _| usize::try_from(number).ok())
    }

    pub(crate) fn duration(&self, key: &str, range: RangeInclusive<Duration>) -> Leaf<Duration> {
        let text = |value: &DeValue<'_>| match value {
            DeValue::String(text) => Some(text.to_string()),
            // A number alone has no unit; the same advice as for "15".
            DeValue::Integer(number) => Some(number.to_string()),
            _ => None,
        };
        let read = self.leaf(key, text, "a time in quotes, like \"15s\"");
        let read = read.and_then(|text, place| self.good(duration::duration(&text), place, &text));
        self.within(key, read, &range, |time| duration::written(*time))
    }

    pub(crate) fn size(&self, key: &str, range: RangeInclusive<u64>) -> Leaf<u64> {
        let text = |value: &DeValue<'_>| match value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(match number.radix() {
                10 => number.to_string(),
                radix => u64::from_str_radix(number.as_str(), radix)
                    .map_or_else(|_| number.to_string(), |number| number.to_string()),
            }),
            _ => None,
        };
        let read = self.leaf(key, text, "a size, like \"64K\"");
        let read = read.and_then(|text, place| self.good(size::size(&text), place, &text));
        self.within(key, read, &range, |size| size::written(*size))
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, key: &str, words: &[(&'static str, T)]) -> Leaf<T> {
        self.text(key).and_then(|text, place| {
            let found = words.iter().find(|(word, _)| *word == text);
            if found.is_none() {
                let known = || words.iter().map(|(word, _)| *word);
                let message = format!("`{key}` must be {}, not {}", values(known()), quoted(&text));
                let mut finding = Finding::error(FindingRule::UnknownValue, place, message);
                finding.hint =
                    nearest(&text, known()).map(|near| format!("did you mean \"{near}\"?"));
                self.findings.add(finding);
            }
            found.map(|(_, value)| *value)
        })
    }

    /// A table, as `[header]` or in braces.
    pub(crate) fn table(&self, key: &str, section: Section) -> Option<Table<'t>> {
        let value = self.value(key)?;
        let found = self.as_table(value, section);
        if found.is_none() {
            self.wrong_type(key, value, "a table");
        }
        found
    }

    /// A list of tables, as `[[header]]`s or as an array of braces.
    pub(crate) fn tables(&self, key: &str, section: Section) -> Vec<Table<'t>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let expected = "a list of tables";
        match value.get_ref() {
            DeValue::Array(items) => items
                .iter()
                .filter_map(|item| {
                    let found = self.as_table(item, section);
                    if found.is_none() {
                        self.wrong_type(key, item, "a list of nothing but tables");
                    }
                    found
                })
                .collect(),
            DeValue::Table(_) => {
                let place = value.span().into();
                let message = format!("`{key}` must be {expected}, not one table");
                let hint = format!("write `[[…{key}]]` with two brackets, or `{key} = [{{ … }}]`");
                self.findings
                    .add(Finding::error(FindingRule::WrongType, place, message).hint(hint));
                // Read it all the same, for what else is wrong with it.
                self.as_table(value, section).into_iter().collect()
            }
            _ => {
                self.wrong_type(key, value, expected);
                Vec::new()
            }
        }
    }

    /// A list of strings, each of which `parse` makes something of.
    pub(crate) fn list<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, Problem>,
    ) -> Vec<(T, Place)> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let expected = "a list of strings, like [\"…\", \"…\"]";
        let Some(items) = value.get_ref().as_array() else {
            self.wrong_type(key, value, expected);
            return Vec::new();
        };
        let read = |item: &Value<'_>| {
            let place = item.span().into();
            match item.get_ref().as_str() {
                Some(text) => self.good(parse(text), place, text).map(|good| (good, place)),
                None => {
                    self.wrong_type(key, item, expected);
                    None
                }
            }
        };
        items.iter().filter_map(read).collect()
    }

    /// Reports the keys that this section does not know.
    pub(crate) fn finish(self) {
        for (key, place) in self.unknown_keys() {
            let message =
                format!("unknown key `{}` in {}", key.escape_debug(), self.section.name());
            let mut finding = Finding::error(FindingRule::UnknownKey, place, message);
            finding.hint = self.section.advice(key);
            self.findings.add(finding);
        }
    }

    /// Whether there are keys that this section does not know.
    pub(crate) fn has_unknown_keys(&self) -> bool {
        self.unknown_keys().next().is_some()
    }

    fn unknown_keys(&self) -> impl Iterator<Item = (&'t str, Place)> + use<'t> {
        let known = self.section.keys();
        let keys = self.entries().map(|(key, place, _)| (key, place));
        keys.filter(move |(key, _)| !known.contains(key))
    }

    pub(crate) fn wrong_type(&self, key: &str, value: &Value<'_>, expected: &str) {
        let message = format!("`{key}` must be {expected}, not {}", kind(value.get_ref()));
        self.findings.add(Finding::error(FindingRule::WrongType, value.span().into(), message));
    }

    /// The value, or nothing after reporting why there is none.
    pub(crate) fn good<T>(&self, read: Result<T, Problem>, place: Place, value: &str) -> Option<T> {
        read.map_err(|problem| self.findings.add(problem.at(self.findings.text, place, value))).ok()
    }

    fn leaf<T>(
        &self,
        key: &str,
        read: impl FnOnce(&DeValue<'t>) -> Option<T>,
        expected: &str,
    ) -> Leaf<T> {
        let Some(value) = self.value(key) else {
            return Leaf::Absent;
        };
        let place = value.span().into();
        match read(value.get_ref()) {
            Some(good) => Leaf::Given(good, place),
            None => {
                self.wrong_type(key, value, expected);
                Leaf::Broken(place)
            }
        }
    }

    fn within<T: PartialOrd>(
        &self,
        key: &str,
        leaf: Leaf<T>,
        range: &RangeInclusive<T>,
        show: impl Fn(&T) -> String,
    ) -> Leaf<T> {
        leaf.and_then(|value, place| {
            if range.contains(&value) {
                return Some(value);
            }
            let [least, most, shown] = [range.start(), range.end(), &value].map(show);
            let message =
                format!("`{key}` must be from \"{least}\" to \"{most}\", not \"{shown}\"");
            self.findings.add(Finding::error(FindingRule::OutOfRange, place, message));
            None
        })
    }

    fn as_table(&self, value: &'t Value<'t>, section: Section) -> Option<Table<'t>> {
        let entries = value.get_ref().as_table()?;
        Some(Table::new(entries, value.span().into(), section, self.findings))
    }
}

/// What a value is, as a message says it.
fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the string {}", quoted(text)),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// The number, or its text when it does not fit; `None` for what is no whole number.
fn whole_number(value: &DeValue<'_>) -> Option<Result<u64, String>> {
    let number = value.as_integer()?;
    Some(u64::from_str_radix(number.as_str(), number.radix()).map_err(|_| number.to_string()))
}
