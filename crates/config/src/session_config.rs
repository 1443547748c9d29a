//! How the sessions of a web-app are named, kept and ended.

use std::time::Duration;

/// How the sessions of a web-app are named, kept and ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionConfig {
    /// Idle time after which a session ends; `None` is never.
    pub session_timeout: Option<Duration>,
    /// Age at which a session ends; `None` is never.
    pub session_max_lifetime: Option<Duration>,
    /// Sessions that one server keeps in memory for the web-app.
    pub session_max: usize,
    /// The size of all attributes of a session, in bytes, above which a change is refused.
    pub session_max_bytes: usize,
    /// Length of a new session id, letters included; 24 to 64.
    pub cookie_length: usize,
    /// `Domain` of the cookie.
    pub cookie_domain: Option<String>,
    /// `Path` of the cookie; `None` is the web-app's own path.
    pub cookie_path: Option<String>,
    /// `Max-Age` of the cookie.
    pub cookie_max_age: Option<Duration>,
    /// `Secure`; `None` is as the request came in.
    pub cookie_secure: Option<bool>,
    /// `HttpOnly`.
    pub cookie_http_only: bool,
    /// `SameSite`.
    pub cookie_same_site: SameSite,
    /// Whether the id is read from and written to a cookie.
    pub enable_cookies: bool,
    /// Whether the id is read from and written into URLs.
    pub enable_url_rewriting: bool,
    /// Whether an id that the client names may be used for a new session.
    pub reuse_session_id: ReuseSessionId,
}

/// `SameSite` of the session cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SameSite {
    /// Never sent from other sites.
    Strict,
    /// Sent with top-level navigation only.
    #[default]
    Lax,
    /// Sent always; needs `Secure`.
    None,
}

/// Whether an id that the client names may be used for a new session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReuseSessionId {
    /// Never.
    Never,
    /// When another web-app of the cluster has a live session under it.
    #[default]
    Live,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            session_timeout: Some(Duration::from_secs(30 * 60)),
            session_max_lifetime: None,
            session_max: 4096,
            session_max_bytes: 1 << 20,
            cookie_length: 26,
            cookie_domain: None,
            cookie_path: None,
            cookie_max_age: None,
            cookie_secure: None,
            cookie_http_only: true,
            cookie_same_site: SameSite::Lax,
            enable_cookies: true,
            enable_url_rewriting: true,
            reuse_session_id: ReuseSessionId::Live,
        }
    }
}
