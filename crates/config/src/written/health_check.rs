//! A `health-check` as it was written.

use std::time::Duration;

use toml::de::DeValue;

use crate::bounds;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::written::leaf::Leaf;
use crate::written::problem::Problem;
use crate::written::quote::quoted;
use crate::written::section::Section;
use crate::written::table::Table;

/// A `health-check` as it was written.
#[derive(Clone)]
pub(crate) enum WrittenHealthCheck {
    /// `false`: nobody asks.
    Off,
    /// The keys of its table.
    Keys(HealthCheckKeys),
}

/// The keys of a `health-check`.
#[derive(Clone)]
pub(crate) struct HealthCheckKeys {
    pub(crate) path: Leaf<String>,
    pub(crate) interval: Leaf<Duration>,
    pub(crate) timeout: Leaf<Duration>,
    pub(crate) fall: Leaf<u64>,
    pub(crate) rise: Leaf<u64>,
}

impl WrittenHealthCheck {
    /// Reads the key `health-check` of a server.
    pub(crate) fn read(server: &Table<'_>) -> Leaf<Self> {
        let key = "health-check";
        let Some(value) = server.value(key) else {
            return Leaf::Absent;
        };
        let place = value.span().into();
        match value.get_ref() {
            DeValue::Boolean(false) => Leaf::Given(Self::Off, place),
            DeValue::Boolean(true) => {
                let message = "`health-check` must be a table or false, not true";
                server.findings.add(
                    Finding::error(FindingRule::WrongType, place, message)
                        .hint("write `health-check = {}` for one with the usual values"),
                );
                Leaf::Broken(place)
            }
            DeValue::Table(_) => match server.table(key, Section::HealthCheck) {
                Some(table) => Leaf::Given(Self::Keys(HealthCheckKeys::read(table)), place),
                None => Leaf::Broken(place),
            },
            _ => {
                server.wrong_type(key, value, "a table or false");
                Leaf::Broken(place)
            }
        }
    }

    /// What a server has that inherits `base`: of two tables, every key of its own first.
    pub(crate) fn over(own: &Leaf<Self>, base: &Leaf<Self>) -> Leaf<Self> {
        match (own, base) {
            (Leaf::Given(Self::Keys(own), place), Leaf::Given(Self::Keys(base), _)) => {
                Leaf::Given(Self::Keys(own.over(base)), *place)
            }
            _ => own.over(base),
        }
    }
}

impl HealthCheckKeys {
    fn read(table: Table<'_>) -> Self {
        let read = Self {
            path: table.parsed("path", request_target),
            interval: table.duration("interval", bounds::INTERVAL),
            timeout: table.duration("timeout", bounds::TIMEOUT),
            fall: table.whole("fall", bounds::IN_A_ROW),
            rise: table.whole("rise", bounds::IN_A_ROW),
        };
        table.finish();
        read
    }

    fn over(&self, base: &Self) -> Self {
        Self {
            path: self.path.over(&base.path),
            interval: self.interval.over(&base.interval),
            timeout: self.timeout.over(&base.timeout),
            fall: self.fall.over(&base.fall),
            rise: self.rise.over(&base.rise),
        }
    }
}

/// Reads what stands in the first line of a request: a path, perhaps with a query.
fn request_target(text: &str) -> Result<String, Problem> {
    let wrong = |reason: &str| {
        let message = format!("{} is not what a request can ask for: {reason}", quoted(text));
        Problem::new(FindingRule::InvalidTarget, message)
    };
    if !text.starts_with('/') {
        return Err(wrong("it does not begin with `/`")
            .hint("write the path alone, without a scheme and a host"));
    }
    // RFC 9112, 3.2: "No whitespace is allowed in the request-target."
    // RFC 9110, 7.1: "The "target URI" excludes the reference's fragment component".
    let bad = |c: char| !c.is_ascii_graphic() || c == '#';
    if let Some((at, c)) = text.char_indices().find(|(_, c)| bad(*c)) {
        return Err(wrong(&format!("{} cannot stand in it", quoted(&c.to_string())))
            .hint("write it percent-encoded, as it is sent: a space is `%20`")
            .within(at, at + c.len_utf8()));
    }
    Ok(text.to_owned())
}
