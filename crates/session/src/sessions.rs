//! All sessions of a process: where the app tier opens one for a request and commits it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use copal_config::cluster::Cluster;
use copal_config::session_config::SessionConfig;
use copal_protocol::server_index::ServerIndex;
use http::HeaderValue;

use crate::commit::{Before, abandon, commit};
use crate::error::Error;
use crate::handle::Handle;
use crate::keeper::Keeper;
use crate::presented::{Ids, Presented};
use crate::ring::runner::Ring;
use crate::ring_keeper::RingKeeper;
use crate::saving::finish;
use crate::session::Session;
use crate::store::Store;
use crate::surroundings::Surroundings;
use crate::table::Table;
use crate::web_app::WebApp;

/// All sessions of a process. Clones are the same sessions.
#[derive(Clone)]
pub struct Sessions {
    store: Arc<Store>,
    /// Of web-apps with `use-persistent-store = false`, where the others have a store.
    local: Option<Arc<Store>>,
    web_apps: Arc<AtomicUsize>,
}

impl Sessions {
    /// No sessions yet. `own` is this server, `others` are the other servers of its cluster; new
    /// ids name them.
    #[must_use]
    pub fn new(own: ServerIndex, others: Vec<ServerIndex>, surroundings: Surroundings) -> Self {
        let keeper = Keeper::Memory(Box::new(Table::new()));
        let store = Arc::new(Store::new(keeper, own, others, Arc::new(surroundings)));
        Self { store, local: None, web_apps: Arc::default() }
    }

    /// The sessions of a cluster, of which every server holds a part. Those of web-apps with
    /// `use-persistent-store = false` stay in the memory of this process.
    #[must_use]
    pub fn of_ring(ring: &Ring, surroundings: Surroundings) -> Self {
        let roster = &ring.engine.plan.roster;
        let others: Vec<_> = roster.others.iter().map(|member| member.index).collect();
        let surroundings = Arc::new(surroundings);
        let store = |keeper| {
            let surroundings = Arc::clone(&surroundings);
            Arc::new(Store::new(keeper, roster.own.index, others.clone(), surroundings))
        };
        let keeper = Keeper::Ring(RingKeeper::new(Arc::clone(&ring.engine)));
        let local = Some(store(Keeper::Memory(Box::new(Table::new()))));
        Self { store: store(keeper), local, web_apps: Arc::default() }
    }

    /// The other servers of the cluster are `others` from now on. Sessions whose ids name one that has
    /// left get other letters with their next response.
    pub fn set_others(&self, others: Vec<ServerIndex>) {
        self.stores().for_each(|store| store.set_others(others.clone()));
    }

    /// Makes a web-app known; to be called once for each. `host` is what names its host, the same on all
    /// servers, and empty for the default host; `path` is its context path. Two web-apps never see each
    /// other's attributes.
    #[must_use]
    pub fn web_app(
        &self,
        cluster: &Cluster,
        (host, path): (&str, &str),
        config: &SessionConfig,
    ) -> Arc<WebApp> {
        let number = self.web_apps.fetch_add(1, Ordering::Relaxed);
        let web_app = WebApp::new(number, cluster, (host, path), config);
        if config.use_persistent_store {
            self.store.keeper.allow(web_app.name(), config.session_max);
        }
        Arc::new(web_app)
    }

    /// The session of a request, to be put into its extensions. Looks nothing up.
    #[must_use]
    pub fn open(&self, web_app: &Arc<WebApp>, presented: Presented<'_>) -> Session {
        let ids = Ids::of(presented, web_app);
        let local = self.local.as_ref().filter(|_| !web_app.config().use_persistent_store);
        let store = Arc::clone(local.unwrap_or(&self.store));
        Session::new(Arc::new(Handle::new(store, Arc::clone(web_app), ids)))
    }

    /// Carries out what the request wanted of its session; to be called before the response head
    /// leaves. From now on the session takes no changes.
    ///
    /// Returns the value of the `Set-Cookie` field that the response must carry: for a new or a
    /// rotated id, for one whose letters do not lead to the session any more, or to make the client forget a destroyed one. A session that was not touched
    /// costs nothing here.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`], [`Error::Rotated`], [`Error::Ended`], [`Error::NoRandom`], and of sessions on
    /// several servers [`Error::Changed`], [`Error::Unknown`], [`Error::Unsaved`] and
    /// [`Error::Unreached`]. Nothing was changed then that the client knows of. The application's response must be thrown away, and
    /// [`Self::abandon`] be called.
    pub async fn commit(&self, session: &Session) -> Result<Option<HeaderValue>, Error> {
        commit(session.handle(), Before::Everything).await
    }

    /// The same, but what the client need not be told of, changed attributes of a session that there is,
    /// is left for later where the web-app's `save-mode` says so: with `"after-request"` for
    /// [`Self::finish`], with `"on-shutdown"` for [`Self::save_held`].
    ///
    /// # Errors
    ///
    /// As [`Self::commit`], of what was carried out.
    pub async fn commit_head(&self, session: &Session) -> Result<Option<HeaderValue>, Error> {
        commit(session.handle(), Before::AsConfigured).await
    }

    /// Saves what [`Self::commit_head`] has left for the end of the response's body, and what was set
    /// since by an application that keeps the session open. To be called once, when the body has ended.
    ///
    /// # Errors
    ///
    /// As [`Session::save`]. What could not be saved is dropped then.
    pub async fn finish(&self, session: &Session) -> Result<(), Error> {
        finish(session.handle()).await
    }

    /// Whether changes of web-apps with `save-mode = "on-shutdown"` stay here, which is so at first. Not
    /// any more when the sessions move to other servers: then every change is saved before the head of its
    /// response leaves, and [`Self::save_held`] is due.
    pub fn hold_back(&self, on: bool) {
        self.stores().for_each(|store| store.held.turn(on));
    }

    /// Saves what is kept back here: all of it once [`Self::hold_back`] said so, and before only what has
    /// to make room or was left alone for as long as its session may be.
    pub async fn save_held(&self) -> HeldSaves {
        let mut saves = HeldSaves::default();
        for store in self.stores() {
            store.save_held(&mut saves).await;
        }
        saves
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
        self.stores().fold(0, |swept, store| {
            swept + store.keeper.sweep(store.surroundings.now(), limit - swept)
        })
    }

    /// How many sessions there are. Those whose time is over count until they are swept or asked
    /// for.
    #[must_use]
    pub fn live(&self) -> usize {
        self.stores().map(|store| store.keeper.len()).sum()
    }

    /// Those of them that only this process has, although the others have a store.
    #[must_use]
    pub fn outside_ring(&self) -> usize {
        self.local.as_ref().map_or(0, |store| store.keeper.len())
    }

    fn stores(&self) -> impl Iterator<Item = &Arc<Store>> {
        std::iter::once(&self.store).chain(&self.local)
    }
}

/// What came of saving what was kept back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldSaves {
    /// Sessions that were saved.
    pub saved: u64,
    /// Sessions whose changes were lost: they ended meanwhile.
    pub ended: u64,
    /// Sessions that could not be saved and are tried again.
    pub failed: u64,
}

impl fmt::Debug for Sessions {
    /// Without what is in the sessions, which has no place in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions(..)")
    }
}
