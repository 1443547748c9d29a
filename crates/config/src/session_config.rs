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
    /// Whether its sessions are kept in the cluster's persistent-store, when there is one.
    pub use_persistent_store: bool,
    /// Whether a session is saved at the end of every request that uses it, changed or not.
    pub always_save_session: bool,
    /// When a change is saved.
    pub save_mode: SaveMode,
    /// Servers that hold a session, its owner among them; 1 to 3, the same in the whole cluster.
    pub copies: usize,
    /// Who must hold a change before it counts; the same in the whole cluster.
    pub acknowledge: Acknowledge,
    /// How long a holder may take before it is left behind; the same in the whole cluster.
    pub acknowledge_timeout: Duration,
    /// What becomes of a change that has no second copy; the same in the whole cluster.
    pub degraded: Degraded,
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

/// When a change of a session is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaveMode {
    /// Before the head of the response leaves.
    #[default]
    BeforeHeaders,
    /// When the body of the response has ended; a redirect always before.
    AfterRequest,
    /// When the server is stopped in order.
    OnShutdown,
}

/// Who must hold a change of a session before it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Acknowledge {
    /// Its owner.
    Owner,
    /// Its owner and its backup.
    #[default]
    Backup,
    /// Every server that holds a copy.
    All,
}

impl Acknowledge {
    /// Its word in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Backup => "backup",
            Self::All => "all",
        }
    }
}

/// What becomes of a change of which no second copy can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Degraded {
    /// It counts, and is copied when another server is there again.
    #[default]
    Accept,
    /// It does not count, and the request fails.
    Refuse,
}

impl Degraded {
    /// Its word in the file.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refuse => "refuse",
        }
    }
}

impl SessionConfig {
    /// Takes from `other` what holds for the whole cluster.
    pub(crate) fn take_copies(&mut self, other: &Self) {
        self.copies = other.copies;
        self.acknowledge = other.acknowledge;
        self.acknowledge_timeout = other.acknowledge_timeout;
        self.degraded = other.degraded;
    }
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
            use_persistent_store: true,
            always_save_session: false,
            save_mode: SaveMode::BeforeHeaders,
            copies: 2,
            acknowledge: Acknowledge::Backup,
            acknowledge_timeout: Duration::from_millis(500),
            degraded: Degraded::Accept,
        }
    }
}
