//! A `session-config` as it was written.

use std::time::Duration;

use crate::bounds;
use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::place::Place;
use crate::session_config::{ReuseSessionId, SameSite, SaveMode};
use crate::written::copies::WrittenCopies;
use crate::written::leaf::Leaf;
use crate::written::name::{cookie_domain, cookie_path};
use crate::written::quote::quoted;
use crate::written::section::Section;
use crate::written::table::Table;

/// A `session-config` as it was written.
#[derive(Debug, Clone, Default)]
pub(crate) struct WrittenSessionConfig {
    pub(crate) place: Place,
    pub(crate) session_timeout: Leaf<Duration>,
    pub(crate) session_max_lifetime: Leaf<Duration>,
    pub(crate) session_max: Leaf<usize>,
    pub(crate) session_max_bytes: Leaf<usize>,
    pub(crate) cookie_length: Leaf<usize>,
    pub(crate) cookie_domain: Leaf<String>,
    pub(crate) cookie_path: Leaf<String>,
    pub(crate) cookie_max_age: Leaf<Duration>,
    pub(crate) cookie_secure: Leaf<bool>,
    pub(crate) cookie_http_only: Leaf<bool>,
    pub(crate) cookie_same_site: Leaf<SameSite>,
    pub(crate) enable_cookies: Leaf<bool>,
    pub(crate) enable_url_rewriting: Leaf<bool>,
    pub(crate) reuse_session_id: Leaf<ReuseSessionId>,
    pub(crate) use_persistent_store: Leaf<bool>,
    pub(crate) always_save_session: Leaf<bool>,
    pub(crate) save_mode: Leaf<SaveMode>,
    pub(crate) copies: WrittenCopies,
}

const SAME_SITE: [(&str, SameSite); 3] =
    [("strict", SameSite::Strict), ("lax", SameSite::Lax), ("none", SameSite::None)];

/// The last one is Resin's word.
const SAVE_MODES: [(&str, SaveMode); 4] = [
    ("before-headers", SaveMode::BeforeHeaders),
    ("after-request", SaveMode::AfterRequest),
    ("on-shutdown", SaveMode::OnShutdown),
    ("save-only-on-shutdown", SaveMode::OnShutdown),
];

impl WrittenSessionConfig {
    /// Reads the key `session-config` of a cluster or a web-app.
    pub(crate) fn read(parent: &Table<'_>) -> Option<Self> {
        let table = parent.table("session-config", Section::SessionConfig)?;
        let size = table.size("session-max-bytes", bounds::SESSION_BYTES);
        let read = Self {
            place: table.place,
            session_timeout: table.duration("session-timeout", bounds::LIFE),
            session_max_lifetime: table.duration("session-max-lifetime", bounds::LIFE),
            session_max: table.count("session-max", bounds::SESSION_MAX),
            session_max_bytes: size.and_then(|size, _| usize::try_from(size).ok()),
            cookie_length: cookie_length(&table),
            cookie_domain: table.parsed("cookie-domain", cookie_domain),
            cookie_path: table.parsed("cookie-path", cookie_path),
            cookie_max_age: table.duration("cookie-max-age", bounds::COOKIE_AGE),
            cookie_secure: table.flag("cookie-secure"),
            cookie_http_only: table.flag("cookie-http-only"),
            cookie_same_site: table.choice("cookie-same-site", &SAME_SITE),
            enable_cookies: table.flag("enable-cookies"),
            enable_url_rewriting: table.flag("enable-url-rewriting"),
            reuse_session_id: reuse_session_id(&table),
            use_persistent_store: table.flag("use-persistent-store"),
            always_save_session: table.flag("always-save-session"),
            save_mode: table.choice("save-mode", &SAVE_MODES),
            copies: WrittenCopies::read(&table),
        };
        table.finish();
        Some(read)
    }

    /// This one, with `base` for every key that it does not have. What holds for the whole cluster
    /// is always of `base`.
    pub(crate) fn over(&self, base: &Self) -> Self {
        Self {
            place: self.place,
            session_timeout: self.session_timeout.over(&base.session_timeout),
            session_max_lifetime: self.session_max_lifetime.over(&base.session_max_lifetime),
            session_max: self.session_max.over(&base.session_max),
            session_max_bytes: self.session_max_bytes.over(&base.session_max_bytes),
            cookie_length: self.cookie_length.over(&base.cookie_length),
            cookie_domain: self.cookie_domain.over(&base.cookie_domain),
            cookie_path: self.cookie_path.over(&base.cookie_path),
            cookie_max_age: self.cookie_max_age.over(&base.cookie_max_age),
            cookie_secure: self.cookie_secure.over(&base.cookie_secure),
            cookie_http_only: self.cookie_http_only.over(&base.cookie_http_only),
            cookie_same_site: self.cookie_same_site.over(&base.cookie_same_site),
            enable_cookies: self.enable_cookies.over(&base.enable_cookies),
            enable_url_rewriting: self.enable_url_rewriting.over(&base.enable_url_rewriting),
            reuse_session_id: self.reuse_session_id.over(&base.reuse_session_id),
            use_persistent_store: self.use_persistent_store.over(&base.use_persistent_store),
            always_save_session: self.always_save_session.over(&base.always_save_session),
            save_mode: self.save_mode.over(&base.save_mode),
            copies: base.copies.clone(),
        }
    }
}

fn cookie_length(table: &Table<'_>) -> Leaf<usize> {
    let number = table.whole("cookie-length", 0..=u64::from(u32::MAX));
    number.and_then(|length, place| {
        if bounds::COOKIE_LENGTH.contains(&length) {
            return usize::try_from(length).ok();
        }
        let (least, most) = (bounds::COOKIE_LENGTH.start(), bounds::COOKIE_LENGTH.end());
        let why = if length < *least {
            "shorter session ids would be guessable"
        } else {
            "no session id is longer"
        };
        let message =
            format!("`cookie-length` must be from {least} to {most}, not {length}: {why}");
        table.findings.add(Finding::error(FindingRule::OutOfRange, place, message));
        None
    })
}

fn reuse_session_id(table: &Table<'_>) -> Leaf<ReuseSessionId> {
    let key = "reuse-session-id";
    let Some(value) = table.value(key) else {
        return Leaf::Absent;
    };
    let place = value.span().into();
    let read_as_live = |written: &str| {
        let message = format!("`{key} = {written}` is read as \"live\"");
        table.findings.add(Finding::warning(FindingRule::SessionFixation, place, message).hint(
            "an id that the client brings would let an attacker choose a victim's session id \
             (session fixation); \"live\" takes it only while another web-app has a live session \
             under it, false never does",
        ));
        Leaf::Given(ReuseSessionId::Live, place)
    };
    match (value.get_ref().as_bool(), value.get_ref().as_str()) {
        (Some(false), _) => Leaf::Given(ReuseSessionId::Never, place),
        (Some(true), _) => read_as_live("true"),
        (_, Some("live")) => Leaf::Given(ReuseSessionId::Live, place),
        (_, Some(old @ ("cookie" | "all"))) => read_as_live(&quoted(old)),
        (_, Some(other)) => {
            let message = format!("`{key}` must be false or \"live\", not {}", quoted(other));
            table.findings.add(Finding::error(FindingRule::UnknownValue, place, message));
            Leaf::Broken(place)
        }
        _ => {
            table.wrong_type(key, value, "false or \"live\"");
            Leaf::Broken(place)
        }
    }
}
