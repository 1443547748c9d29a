//! All sessions of a process: where the app tier opens one for a request and commits it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use copal_config::cluster::Cluster;
use copal_config::session_config::SessionConfig;
use copal_protocol::server_index::ServerIndex;
use http::HeaderValue;

use crate::commit::{abandon, commit};
use crate::error::Error;
use crate::handle::Handle;
use crate::presented::{Ids, Presented};
use crate::session::Session;
use crate::store::Store;
use crate::surroundings::Surroundings;
use crate::web_app::WebApp;

/// All sessions of a process. Clones are the same sessions.
#[derive(Clone)]
pub struct Sessions {
    store: Arc<Store>,
    web_apps: Arc<AtomicUsize>,
}

impl Sessions {
    /// No sessions yet. `own` is this server, `others` are the other servers of its cluster; new
    /// ids name them.
    #[must_use]
    pub fn new(own: ServerIndex, others: Vec<ServerIndex>, surroundings: Surroundings) -> Self {
        let store = Arc::new(Store::new(own, others, surroundings));
        Self { store, web_apps: Arc::default() }
    }

    /// The other servers of the cluster are `others` from now on. The ids of the sessions that are
    /// there stay as they are.
    pub fn set_others(&self, others: Vec<ServerIndex>) {
        self.store.set_others(others);
    }

    /// Makes a web-app known; to be called once for each. `path` is its context path. Two web-apps
    /// never see each other's attributes, whatever their paths.
    #[must_use]
    pub fn web_app(&self, cluster: &Cluster, path: &str, config: &SessionConfig) -> Arc<WebApp> {
        let number = self.web_apps.fetch_add(1, Ordering::Relaxed);
        Arc::new(WebApp::new(number, cluster, path, config))
    }

    /// The session of a request, to be put into its extensions. Looks nothing up.
    #[must_use]
    pub fn open(&self, web_app: &Arc<WebApp>, presented: Presented<'_>) -> Session {
        let ids = Ids::of(presented, web_app);
        Session::new(Arc::new(Handle::new(Arc::clone(&self.store), Arc::clone(web_app), ids)))
    }

    /// Carries out what the request wanted of its session; to be called before the response head
    /// leaves. From now on the session takes no changes.
    ///
    /// Returns the value of the `Set-Cookie` field that the response must carry: for a new or a
    /// rotated id, or to make the client forget a destroyed one. A session that was not touched
    /// costs nothing here.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], [`Error::Rotated`], [`Error::Ended`], [`Error::NoRandom`]. Nothing was
    /// changed then that the client knows of. The application's response must be thrown away, and
    /// [`Self::abandon`] be called.
    pub async fn commit(&self, session: &Session) -> Result<Option<HeaderValue>, Error> {
        commit(session.handle()).await
    }

    /// Says that another response leaves than the application's, whether it was committed or not:
    /// from now on the session takes no changes, and those that it took are dropped. A session that
    /// this request made ends, because its client never learns of it.
    ///
    /// What was carried out in a session that the client knows stays.
    pub async fn abandon(&self, session: &Session) {
        abandon(session.handle()).await;
    }

    /// Ends at most `limit` sessions whose time is over and says how many. To be called now and
    /// then, so that sessions that nobody asks for go, too.
    #[must_use = "as many as `limit` means that there may be more"]
    pub fn sweep(&self, limit: usize) -> usize {
        self.store.table.sweep(self.store.surroundings.now(), limit)
    }

    /// How many sessions there are. Those whose time is over count until they are swept or asked
    /// for.
    #[must_use]
    pub fn live(&self) -> usize {
        self.store.table.len()
    }
}

impl fmt::Debug for Sessions {
    /// Without what is in the sessions, which has no place in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions(..)")
    }
}
