//! The `Set-Cookie` field that tells a client its session id.

use std::time::Duration;

use copal_config::session_config::SameSite as Configured;
use copal_protocol::cookie::{SameSite, SetCookie};
use copal_protocol::session_id::SessionId;
use http::HeaderValue;

use crate::web_app::WebApp;

/// The field for a client that does not have `id` yet. `None` when the web-app sets no cookies.
pub(crate) fn keep(web_app: &WebApp, secure: bool, id: &SessionId) -> Option<HeaderValue> {
    write(web_app, secure, id.as_str(), web_app.config().cookie_max_age)
}

/// The field for a client whose session was destroyed.
pub(crate) fn forget(web_app: &WebApp, secure: bool) -> Option<HeaderValue> {
    write(web_app, secure, "", Some(Duration::ZERO))
}

fn write(
    web_app: &WebApp,
    secure: bool,
    value: &str,
    max_age: Option<Duration>,
) -> Option<HeaderValue> {
    let config = web_app.config();
    if !config.enable_cookies {
        return None;
    }
    // A cookie of its own for secure requests must never be seen on others.
    let names_differ = web_app.cookie_name(true) != web_app.cookie_name(false);
    let cookie = SetCookie {
        name: web_app.cookie_name(secure),
        value,
        domain: config.cookie_domain.as_deref(),
        path: web_app.cookie_path(),
        max_age,
        secure: config.cookie_secure.unwrap_or(secure) || (secure && names_differ),
        http_only: config.cookie_http_only,
        same_site: match config.cookie_same_site {
            Configured::Strict => SameSite::Strict,
            Configured::Lax => SameSite::Lax,
            Configured::None => SameSite::None,
        },
    };
    // `SetCookie` writes visible ASCII only, as long as the name is a token.
    let mut value = HeaderValue::try_from(cookie.to_string()).ok()?;
    value.set_sensitive(true);
    Some(value)
}
