//! A `[tls.NAME]` as it was written.

use crate::place::Place;
use crate::tls::MinVersion;
use crate::written::leaf::Leaf;
use crate::written::section::Section;
use crate::written::table::Table;
use crate::written::web_app::file_name;

/// A `[tls.NAME]` as it was written.
pub(crate) struct WrittenTls {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) certificate: Leaf<String>,
    pub(crate) key: Leaf<String>,
    pub(crate) client_ca: Leaf<String>,
    pub(crate) min_version: Leaf<MinVersion>,
}

const VERSIONS: [(&str, MinVersion); 2] = [("1.2", MinVersion::Tls12), ("1.3", MinVersion::Tls13)];

impl WrittenTls {
    /// Reads the key `tls` of the file.
    pub(crate) fn read_all(top: &Table<'_>) -> Vec<Self> {
        let Some(value) = top.value("tls") else {
            return Vec::new();
        };
        let Some(entries) = value.get_ref().as_table() else {
            top.wrong_type("tls", value, "a table; write `[tls.NAME]`");
            return Vec::new();
        };
        let read = entries.iter().filter_map(|(name, value)| {
            let Some(entries) = value.get_ref().as_table() else {
                top.wrong_type("tls", value, "a table for each name; write `[tls.NAME]`");
                return None;
            };
            let place = name.span().into();
            let table = Table::new(entries, place, Section::Tls, top.findings);
            let read = Self {
                name: name.get_ref().to_string(),
                place,
                certificate: table.parsed("certificate", file_name),
                key: table.parsed("key", file_name),
                client_ca: table.parsed("client-ca", file_name),
                min_version: table.choice("min-version", &VERSIONS),
            };
            table.finish();
            Some(read)
        });
        read.collect()
    }
}
