//! A `persistent-store` as it was written.

use std::time::Duration;

use toml::de::DeValue;

use crate::bounds;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::persistent_store::DiskSync;
use crate::place::Place;
use crate::written::leaf::Leaf;
use crate::written::nearest::nearest;
use crate::written::quote::quoted;
use crate::written::section::Section;
use crate::written::table::Table;
use crate::written::web_app::file_name;

/// A `persistent-store` as it was written.
pub(crate) struct WrittenPersistentStore {
    pub(crate) place: Place,
    pub(crate) kind: Leaf<StoreKind>,
    pub(crate) path: Leaf<String>,
    pub(crate) disk_sync: Leaf<DiskSync>,
    pub(crate) recovery_wait: Leaf<Duration>,
    pub(crate) max_away: Leaf<Duration>,
}

/// The `type` of a persistent-store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreKind {
    None,
    File,
    Cluster,
}

const KINDS: [(&str, StoreKind); 3] =
    [("none", StoreKind::None), ("file", StoreKind::File), ("cluster", StoreKind::Cluster)];

const SYNC_WORDS: [(&str, DiskSync); 2] =
    [("always", DiskSync::Always), ("never", DiskSync::Never)];

impl WrittenPersistentStore {
    /// Reads the key `persistent-store` of a cluster.
    pub(crate) fn read(cluster: &Table<'_>) -> Option<Self> {
        let table = cluster.table("persistent-store", Section::PersistentStore)?;
        let read = Self {
            place: table.place,
            kind: kind(&table),
            path: table.parsed("path", file_name),
            disk_sync: disk_sync(&table),
            recovery_wait: table.duration("recovery-wait", bounds::TIMEOUT),
            max_away: table.duration("max-away", bounds::AWAY),
        };
        table.finish();
        Some(read)
    }

    /// Where the keys stand that say more than the type.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Place, &'static str)> {
        [
            (self.path.place(), "path"),
            (self.disk_sync.place(), "disk-sync"),
            (self.recovery_wait.place(), "recovery-wait"),
            (self.max_away.place(), "max-away"),
        ]
        .into_iter()
        .filter_map(|(place, key)| Some((place?, key)))
    }
}

fn kind(table: &Table<'_>) -> Leaf<StoreKind> {
    const HINT: &str = "write `type = \"cluster\"`, or leave the section out";
    let written = table.text("type");
    if written.is_absent() {
        let message = "the persistent-store has no `type`";
        table
            .findings
            .add(Finding::error(FindingRule::MissingKey, table.place, message).hint(HINT));
        // What it was meant to be is not known.
        return Leaf::Broken(table.place);
    }
    written.and_then(|word, place| {
        let known = KINDS.iter().find(|(known, _)| *known == word);
        if known.is_none() {
            let message = format!(
                "this version has no persistent-store of type {}; it has \"none\": sessions are \
                 kept in memory, \"file\": one server keeps them on its disk, and \"cluster\": \
                 other servers of the cluster have copies",
                quoted(&word)
            );
            let hint = match nearest(&word, KINDS.map(|(known, _)| known)) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => HINT.to_owned(),
            };
            let finding = Finding::error(FindingRule::UnknownValue, place, message);
            table.findings.add(finding.hint(hint));
        }
        known.map(|(_, kind)| *kind)
    })
}

fn disk_sync(table: &Table<'_>) -> Leaf<DiskSync> {
    let key = "disk-sync";
    let Some(value) = table.value(key) else {
        return Leaf::Absent;
    };
    let place = value.span().into();
    match value.get_ref() {
        DeValue::Integer(_) => time_of_disk_sync(table, key),
        DeValue::String(word) if word.starts_with(|c: char| c.is_ascii_digit()) => {
            time_of_disk_sync(table, key)
        }
        DeValue::String(word) => {
            if let Some((_, known)) = SYNC_WORDS.iter().find(|(known, _)| known == word) {
                return Leaf::Given(*known, place);
            }
            let message =
                format!("`{key}` must be a time, \"always\" or \"never\", not {}", quoted(word));
            let mut finding = Finding::error(FindingRule::UnknownValue, place, message);
            let near = nearest(word, SYNC_WORDS.map(|(known, _)| known));
            finding.hint = near.map(|near| format!("did you mean \"{near}\"?"));
            table.findings.add(finding);
            Leaf::Broken(place)
        }
        _ => {
            table.wrong_type(
                key,
                value,
                "a time in quotes, like \"1s\", or \"always\" or \"never\"",
            );
            Leaf::Broken(place)
        }
    }
}

fn time_of_disk_sync(table: &Table<'_>, key: &str) -> Leaf<DiskSync> {
    table.duration(key, bounds::PAUSE).and_then(|time, place| {
        if time.is_zero() {
            let message = format!("`{key}` must be longer than \"0s\"");
            table.findings.add(
                Finding::error(FindingRule::OutOfRange, place, message)
                    .hint("write \"always\" for after every change, \"never\" for not at all"),
            );
            return None;
        }
        Some(DiskSync::Every(time))
    })
}
