//! A rule as it was written.

use regex::bytes::Regex;

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::place::Place;
use crate::template::Template;
use crate::written::leaf::Leaf;
use crate::written::quote::{self, keys};
use crate::written::regexp::{anchored_extension, for_path};
use crate::written::section::Section;
use crate::written::table::{Table, Value};
use crate::written::target::{Groups, Purpose, target};

/// A rule as it was written.
pub(crate) struct WrittenRule {
    pub(crate) place: Place,
    pub(crate) regexp: Leaf<Regex>,
    /// Those that are good. One is right; any other number has been reported.
    pub(crate) actions: Vec<WrittenAction>,
}

/// What a rule does, its cluster not yet looked up.
pub(crate) enum WrittenAction {
    Dispatch,
    DispatchTo(Template),
    /// The name and where it stands.
    LoadBalance(String, Place),
    Redirect(Template),
    MovedPermanently(Template),
    Forbidden,
    NotFound,
}

const ACTIONS: [&str; 6] =
    ["dispatch", "load-balance", "redirect", "moved-permanently", "forbidden", "not-found"];

impl WrittenRule {
    /// Reads the rules of a cluster's default host or of a host.
    pub(crate) fn read_all(parent: &Table<'_>) -> Vec<Self> {
        parent.tables("rewrite-dispatch", Section::Rule).into_iter().map(Self::read).collect()
    }

    fn read(table: Table<'_>) -> Self {
        let regexp = table.parsed("regexp", for_path);
        warn_of_extension(&table, &regexp);
        let written: Vec<_> =
            ACTIONS.iter().filter_map(|key| Some((*key, table.value(key)?))).collect();
        check_number(&table, &written);
        let groups = match &regexp {
            Leaf::Given(regexp, _) => Groups::Of(regexp),
            Leaf::Absent => Groups::None,
            Leaf::Broken(_) => Groups::Unknown,
        };
        // All of them are read, so that all that is wrong with them is found.
        let actions = written
            .into_iter()
            .filter_map(|(key, value)| action(&table, key, value, groups))
            .collect();
        let place = table.place;
        table.finish();
        Self { place, regexp, actions }
    }
}

fn warn_of_extension(table: &Table<'_>, regexp: &Leaf<Regex>) {
    let Leaf::Given(regexp, place) = regexp else {
        return;
    };
    let Some(anchored) = anchored_extension(regexp.as_str()) else {
        return;
    };
    let message = format!(
        "the regexp {} matches anywhere in the path, not only at its end",
        quote::regexp(regexp.as_str())
    );
    let hint = format!(
        "paths such as \"/report.pngs/secret\" or \"/a.gif.cgi\" match an extension that is not \
         anchored; to match it at the end only, write {}",
        quote::regexp(&anchored)
    );
    let finding = Finding::warning(FindingRule::UnanchoredExtension, *place, message);
    table.findings.add(finding.hint(hint));
}

/// A rule has exactly one action.
fn check_number(table: &Table<'_>, written: &[(&'static str, &Value<'_>)]) {
    match written {
        // The unknown key is the action, most likely, and it is reported.
        [] if table.has_unknown_keys() => {}
        [] => {
            let message = format!("the rule does nothing: it needs {}", keys(ACTIONS));
            table.findings.add(Finding::error(FindingRule::MissingAction, table.place, message));
        }
        [_] => {}
        [(first, _), rest @ ..] => {
            let keys = written.iter().map(|(key, _)| format!("`{key}`")).collect::<Vec<_>>();
            let place = rest.first().map_or(table.place, |(key, _)| table.key_place(key));
            let message = format!("the rule has several actions: {}", keys.join(", "));
            table.findings.add(
                Finding::error(FindingRule::SeveralActions, place, message)
                    .also(table.key_place(first), "the first one")
                    .hint("a rule does one thing: keep one of them, or make two rules"),
            );
        }
    }
}

fn action(
    table: &Table<'_>,
    key: &str,
    value: &Value<'_>,
    groups: Groups<'_>,
) -> Option<WrittenAction> {
    let text = |purpose| targeted(table, key, value, purpose, groups);
    match key {
        "dispatch" => match value.get_ref().as_bool() {
            Some(flag) => set(table, key, flag).then_some(WrittenAction::Dispatch),
            None if value.get_ref().is_str() => {
                text(Purpose::Dispatch).map(WrittenAction::DispatchTo)
            }
            None => {
                table.wrong_type(key, value, "true or a path, like \"/target\"");
                None
            }
        },
        "load-balance" => match table.text(key) {
            Leaf::Given(name, place) => Some(WrittenAction::LoadBalance(name, place)),
            Leaf::Absent | Leaf::Broken(_) => None,
        },
        "redirect" => text(Purpose::Redirect).map(WrittenAction::Redirect),
        "moved-permanently" => text(Purpose::Redirect).map(WrittenAction::MovedPermanently),
        "forbidden" => table
            .flag(key)
            .given()
            .is_some_and(|flag| set(table, key, *flag))
            .then_some(WrittenAction::Forbidden),
        _ => table
            .flag(key)
            .given()
            .is_some_and(|flag| set(table, key, *flag))
            .then_some(WrittenAction::NotFound),
    }
}

/// An action that is switched off is no action.
fn set(table: &Table<'_>, key: &str, flag: bool) -> bool {
    if !flag {
        let place = table.value(key).map_or(table.place, |value| value.span().into());
        let message = format!("`{key}` can only be true");
        table.findings.add(
            Finding::error(FindingRule::UnknownValue, place, message)
                .hint("leave the key out when the rule is to do something else"),
        );
    }
    flag
}

fn targeted(
    table: &Table<'_>,
    key: &str,
    value: &Value<'_>,
    purpose: Purpose,
    groups: Groups<'_>,
) -> Option<Template> {
    let Some(text) = value.get_ref().as_str() else {
        table.wrong_type(key, value, "a target in quotes");
        return None;
    };
    let mut problems = Vec::new();
    let template = target(text, purpose, groups, &mut problems);
    let good = problems.is_empty();
    for problem in problems {
        table.findings.add(problem.at(table.findings.text, value.span().into(), text));
    }
    good.then_some(template)
}
