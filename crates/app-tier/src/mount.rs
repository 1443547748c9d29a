//! A web-app as a worker serves it: where it is, its files, its application, its sessions.

use std::sync::Arc;

use copal_serve::files::root::Root;

use crate::application::{Application, Ground};

/// A web-app as a worker serves it.
pub(crate) struct Mount {
    /// Told apart by this from the one that takes its place when the file says something else.
    pub(crate) number: u64,
    /// Context path: `/`, or `/shop`.
    pub(crate) path: String,
    /// Static files, looked at first.
    pub(crate) root: Option<Arc<Root>>,
    /// What answers everything else.
    pub(crate) application: Option<Box<dyn Application>>,
    /// Where the application runs.
    pub(crate) ground: Ground,
    /// Its part of the sessions.
    pub(crate) sessions: Arc<copal_session::web_app::WebApp>,
}

impl Mount {
    /// The same, for another worker.
    pub(crate) fn another(&self) -> Self {
        Self {
            number: self.number,
            path: self.path.clone(),
            root: self.root.clone(),
            application: self.application.as_ref().map(|own| own.another()),
            ground: self.ground.clone(),
            sessions: Arc::clone(&self.sessions),
        }
    }

    /// The part of an encoded path that lies below the context path: the application's own view.
    pub(crate) fn inside<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        let context = self.path.bytes().filter(|&byte| byte == b'/').count();
        let depth = if self.path == "/" { 0 } else { context };
        let mut slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        let rest = slashes.nth(depth).and_then(|(at, _)| path.get(at..));
        rest.unwrap_or(b"/")
    }
}

#[cfg(test)]
impl Mount {
    /// A web-app with nothing in it.
    pub(crate) fn for_test(path: &str) -> Self {
        use copal_config::cluster::{Cluster, Tier};
        use copal_config::session_config::SessionConfig;
        use copal_protocol::server_index::ServerIndex;
        use copal_session::sessions::Sessions;
        use copal_session::surroundings::Surroundings;

        let cluster = Cluster::new("app-tier", Tier::App);
        let surroundings = Surroundings::new(|| std::time::Duration::ZERO, |_| Ok(()));
        let own = ServerIndex::new(0).unwrap();
        let sessions = Sessions::new(own, Vec::new(), surroundings);
        Self {
            number: 0,
            path: path.to_owned(),
            root: None,
            application: None,
            ground: Ground::InPlace,
            sessions: sessions.web_app(&cluster, ("", path), &SessionConfig::default()),
        }
    }
}
