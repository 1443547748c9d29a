//! A web-app as its sessions see it: their names, their bounds, their number.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use copal_config::cluster::Cluster;
use copal_config::session_config::{ReuseSessionId, SessionConfig};

/// A web-app as its sessions see it. Made by `Sessions::web_app`, once for each web-app of the
/// process.
#[derive(Debug)]
pub struct WebApp {
    /// Its place among the web-apps of the process; keeps the attributes of two apart.
    number: usize,
    /// Context path: `/`, or `/shop`.
    path: String,
    /// By which the other servers know it.
    name: String,
    cookie: String,
    secure_cookie: String,
    url_prefix: String,
    config: SessionConfig,
    live: AtomicUsize,
}

impl WebApp {
    /// The web-app at `path` of a `host` of a cluster; the default host has no name.
    pub(crate) fn new(
        number: usize,
        cluster: &Cluster,
        (host, path): (&str, &str),
        config: &SessionConfig,
    ) -> Self {
        Self {
            number,
            path: path.to_owned(),
            name: format!("{host}{path}"),
            cookie: cluster.session_cookie.clone(),
            secure_cookie: cluster.ssl_session_cookie.clone(),
            url_prefix: cluster.session_url_prefix.clone(),
            config: config.clone(),
            live: AtomicUsize::new(0),
        }
    }

    /// Its context path: `/`, or `/shop`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name under which all servers keep its attributes: its path, behind the name of its host unless
    /// that is the default host.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The cookie that holds the id on secure or on plain requests; no other is read or set.
    #[must_use]
    pub fn cookie_name(&self, secure: bool) -> &str {
        if secure { &self.secure_cookie } else { &self.cookie }
    }

    /// What begins the path parameter with the id, `;jsessionid=` unless configured otherwise.
    #[must_use]
    pub fn url_prefix(&self) -> &str {
        &self.url_prefix
    }

    /// How its sessions are kept.
    #[must_use]
    pub const fn config(&self) -> &SessionConfig {
        &self.config
    }

    /// How many sessions it has that only this process has. Those whose time is over count until they are
    /// swept. Those on several servers are not counted by web-app.
    #[must_use]
    pub fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    pub(crate) const fn number(&self) -> usize {
        self.number
    }

    /// `Path` of its cookies.
    pub(crate) fn cookie_path(&self) -> &str {
        self.config.cookie_path.as_deref().unwrap_or(&self.path)
    }

    /// Whether a session that began and was last used at these times is over.
    pub(crate) fn is_over(&self, began: Duration, used: Duration, now: Duration) -> bool {
        self.is_idle(used, now) || self.is_too_old(began, now)
    }

    /// Whether a session that was last used at this time was left alone for too long.
    pub(crate) fn is_idle(&self, used: Duration, now: Duration) -> bool {
        self.config.session_timeout.is_some_and(|limit| now.saturating_sub(used) >= limit)
    }

    /// Whether a session that began at this time has reached its greatest age.
    pub(crate) fn is_too_old(&self, began: Duration, now: Duration) -> bool {
        self.config.session_max_lifetime.is_some_and(|limit| now.saturating_sub(began) >= limit)
    }

    /// Whether it may share an id under which another web-app has a live session.
    pub(crate) fn shares_ids(&self) -> bool {
        self.config.reuse_session_id == ReuseSessionId::Live
    }

    /// One more session, or one less.
    pub(crate) fn count(&self, step: Step) {
        match step {
            Step::Begun => self.live.fetch_add(1, Ordering::Relaxed),
            Step::Over => self.live.fetch_sub(1, Ordering::Relaxed),
        };
    }
}

/// What happened to the number of sessions.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Begun,
    Over,
}
