//! A secret as it was written: itself, or where it is to be found.

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::written::leaf::Leaf;
use crate::written::section::Section;
use crate::written::table::Table;

/// A secret as it was written: itself, or where it is to be found.
#[derive(Clone)]
pub(crate) enum WrittenSecret {
    Text(String),
    Variable(String),
    File(String),
}

impl WrittenSecret {
    /// Reads a `key` that holds a secret.
    pub(crate) fn read(parent: &Table<'_>, key: &str) -> Leaf<Self> {
        let Some(value) = parent.value(key) else {
            return Leaf::Absent;
        };
        let place = value.span().into();
        if let Some(text) = value.get_ref().as_str() {
            parent.findings.hide(place);
            return Leaf::Given(Self::Text(text.to_owned()), place);
        }
        let Some(entries) = value.get_ref().as_table() else {
            parent.findings.hide(place);
            // The value itself must not stand in the message.
            let message = format!(
                "`{key}` must be a string, `{{ env = \"NAME\" }}` or `{{ file = \"path\" }}`"
            );
            parent.findings.add(Finding::error(FindingRule::WrongType, place, message));
            return Leaf::Broken(place);
        };
        let table = Table::new(entries, place, Section::Secret, parent.findings);
        let (variable, file) = (table.text("env"), table.text("file"));
        let broken = |leaf: &Leaf<String>| leaf.given().is_none() && !leaf.is_absent();
        let any_broken = broken(&variable) || broken(&file);
        table.finish();
        match (variable, file) {
            _ if any_broken => Leaf::Broken(place),
            (Leaf::Given(name, place), Leaf::Absent) => Leaf::Given(Self::Variable(name), place),
            (Leaf::Absent, Leaf::Given(path, place)) => Leaf::Given(Self::File(path), place),
            (Leaf::Absent, _) => {
                let message = format!("`{key}` has neither `env` nor `file`");
                parent.findings.add(Finding::error(FindingRule::MissingKey, place, message));
                Leaf::Broken(place)
            }
            _ => {
                let message = format!("`{key}` has both `env` and `file`");
                parent.findings.add(
                    Finding::error(FindingRule::SeveralActions, place, message)
                        .hint("keep the one that is meant"),
                );
                Leaf::Broken(place)
            }
        }
    }
}
