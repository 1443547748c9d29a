//! The links of the page.

use copal_session::session::Session;

use crate::demo::home::Home;

/// The links of the page, with the session id in them where the client needs it.
#[derive(Debug)]
pub(crate) struct Links {
    pub(crate) again: String,
    pub(crate) form: String,
    pub(crate) rotate: String,
    pub(crate) logout: String,
}

impl Links {
    /// To the paths below the context path.
    pub(crate) async fn of(home: &Home, session: &Session) -> Self {
        let link = async |path| session.encode_url(&format!("{}{path}", home.context)).await;
        Self {
            again: link("").await,
            form: link("session/form").await,
            rotate: link("session/rotate").await,
            logout: link("session/logout").await,
        }
    }
}
