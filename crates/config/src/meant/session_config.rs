//! A session-config with its defaults, and what contradicts itself in it.

use std::time::Duration;

use crate::finding::Finding;
use crate::finding_rule::FindingRule;
use crate::findings::Findings;
use crate::meant::copies;
use crate::session_config::{SameSite, SaveMode, SessionConfig};
use crate::written::session_config::WrittenSessionConfig;

/// Fills in the defaults and reports contradictions.
pub(crate) fn session_config(
    written: &WrittenSessionConfig,
    findings: &Findings<'_>,
) -> SessionConfig {
    let config = filled(written);
    check_same_site(written, &config, findings);
    check_tracking(written, &config, findings);
    check_save_mode(written, &config, findings);
    config
}

/// Fills in the defaults; what it says may still contradict itself.
pub(crate) fn filled(written: &WrittenSessionConfig) -> SessionConfig {
    let base = SessionConfig::default();
    // `0s` is without end.
    let life = |time: Duration| Some(time).filter(|time| !time.is_zero());
    let mut config = SessionConfig {
        session_timeout: written.session_timeout.given().map_or(base.session_timeout, |t| life(*t)),
        session_max_lifetime: written.session_max_lifetime.given().and_then(|time| life(*time)),
        session_max: written.session_max.or(base.session_max),
        session_max_bytes: written.session_max_bytes.or(base.session_max_bytes),
        cookie_length: written.cookie_length.or(base.cookie_length),
        cookie_domain: written.cookie_domain.given().cloned(),
        cookie_path: written.cookie_path.given().cloned(),
        cookie_max_age: written.cookie_max_age.given().copied(),
        cookie_secure: written.cookie_secure.given().copied(),
        cookie_http_only: written.cookie_http_only.or(base.cookie_http_only),
        cookie_same_site: written.cookie_same_site.or(base.cookie_same_site),
        enable_cookies: written.enable_cookies.or(base.enable_cookies),
        enable_url_rewriting: written.enable_url_rewriting.or(base.enable_url_rewriting),
        reuse_session_id: written.reuse_session_id.or(base.reuse_session_id),
        use_persistent_store: written.use_persistent_store.or(base.use_persistent_store),
        always_save_session: written.always_save_session.or(base.always_save_session),
        save_mode: written.save_mode.or(base.save_mode),
        ..base
    };
    copies::fill(&written.copies, &mut config);
    config
}

fn check_same_site(
    written: &WrittenSessionConfig,
    config: &SessionConfig,
    findings: &Findings<'_>,
) {
    if config.cookie_same_site != SameSite::None || config.cookie_secure == Some(true) {
        return;
    }
    let place = written.cookie_same_site.place().unwrap_or(written.place);
    let message = "`cookie-same-site` is \"none\" without `cookie-secure = true`: browsers drop \
                   such a cookie";
    findings.add(
        Finding::error(FindingRule::CookieSameSite, place, message)
            .hint("add `cookie-secure = true`, or use \"lax\""),
    );
}

fn check_tracking(written: &WrittenSessionConfig, config: &SessionConfig, findings: &Findings<'_>) {
    if config.enable_cookies || config.enable_url_rewriting {
        return;
    }
    let cookies = written.enable_cookies.place().unwrap_or(written.place);
    let urls = written.enable_url_rewriting.place().unwrap_or(written.place);
    let message = "`enable-cookies` and `enable-url-rewriting` are both false: no client could \
                   keep its session";
    findings.add(
        Finding::error(FindingRule::NoSessionTracking, urls, message)
            .also(cookies, "the other one")
            .hint("leave one of them true"),
    );
}

/// What is kept back until the server stops cannot be saved with every request.
fn check_save_mode(
    written: &WrittenSessionConfig,
    config: &SessionConfig,
    findings: &Findings<'_>,
) {
    if config.save_mode != SaveMode::OnShutdown || !config.always_save_session {
        return;
    }
    let mode = written.save_mode.place().unwrap_or(written.place);
    let always = written.always_save_session.place().unwrap_or(written.place);
    let message = "`save-mode` is \"on-shutdown\" and `always-save-session` is true: a session \
                   cannot be saved with every request and only at the end";
    findings.add(
        Finding::error(FindingRule::SaveModeContradicts, mode, message)
            .also(always, "the other one")
            .hint("leave one of them out"),
    );
}
