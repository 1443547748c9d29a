//! What a request brings of a session.

use std::fmt;

use copal_protocol::session_id::SessionId;

use crate::web_app::WebApp;

/// What a request brings of a session, as it came.
#[derive(Clone, Copy, Default)]
pub struct Presented<'r> {
    /// The value of the first cookie called [`WebApp::cookie_name`].
    pub cookie: Option<&'r [u8]>,
    /// The value of the first session parameter in the path.
    pub url: Option<&'r [u8]>,
    /// The client's connection is private: TLS, or a believed `X-Forwarded-Proto: https`.
    pub secure: bool,
}

impl Presented<'_> {
    /// Whether there is an id in it by which a session could be known. Looks nothing up.
    #[must_use]
    pub fn names_a_session(&self) -> bool {
        self.ids().next().is_some()
    }

    /// The ids in it by which a session could be known.
    pub fn ids(&self) -> impl Iterator<Item = SessionId> {
        [self.cookie, self.url].into_iter().flatten().filter_map(SessionId::parse)
    }
}

impl fmt::Debug for Presented<'_> {
    /// Without proofs, which have no place in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("cookie", &self.cookie.map(SessionId::parse))
            .field("url", &self.url.map(SessionId::parse))
            .field("secure", &self.secure)
            .finish()
    }
}

/// What of it may be a session.
#[derive(Debug)]
pub(crate) struct Ids {
    pub(crate) cookie: Option<SessionId>,
    pub(crate) url: Option<SessionId>,
    /// There was a cookie of that name, whatever its value.
    pub(crate) cookie_sent: bool,
    pub(crate) secure: bool,
}

impl Ids {
    pub(crate) fn of(presented: Presented<'_>, web_app: &WebApp) -> Self {
        let config = web_app.config();
        let cookie = presented.cookie.filter(|_| config.enable_cookies);
        let url = presented.url.filter(|_| config.enable_url_rewriting);
        Self {
            cookie: cookie.and_then(SessionId::parse),
            url: url.and_then(SessionId::parse),
            cookie_sent: cookie.is_some(),
            secure: presented.secure,
        }
    }
}
