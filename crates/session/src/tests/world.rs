//! A process with sessions, a clock and a source of numbers, and clients that send requests to it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use copal_config::cluster::{Cluster, Tier};
use copal_config::session_config::SessionConfig;
use copal_protocol::server_index::ServerIndex;

use crate::error::Error;
use crate::presented::Presented;
use crate::session::Session;
use crate::sessions::Sessions;
use crate::surroundings::{NoRandom, Surroundings};
use crate::web_app::WebApp;

/// A process with sessions: `app-a` of two servers.
pub(super) struct World {
    pub(super) sessions: Sessions,
    pub(super) cluster: Cluster,
    clock: Arc<AtomicU64>,
    random: Arc<AtomicBool>,
}

impl World {
    pub(super) fn new() -> Self {
        let clock = Arc::new(AtomicU64::new(1_000_000));
        let random = Arc::new(AtomicBool::new(true));
        let (time, works, seed) = (Arc::clone(&clock), Arc::clone(&random), AtomicU64::new(1));
        let surroundings = Surroundings::new(
            move || Duration::from_millis(time.load(Ordering::SeqCst)),
            move |bytes| {
                let mut state = seed.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a);
                for byte in bytes {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    *byte = (state >> 56) as u8;
                }
                if works.load(Ordering::SeqCst) { Ok(()) } else { Err(NoRandom) }
            },
        );
        let server = |index| ServerIndex::new(index).unwrap();
        Self {
            sessions: Sessions::new(server(0), vec![server(1)], surroundings),
            cluster: cluster(),
            clock,
            random,
        }
    }

    /// Lets time pass.
    pub(super) fn pass(&self, time: Duration) {
        self.clock.fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Makes the random source fail, or work again.
    pub(super) fn random_works(&self, works: bool) {
        self.random.store(works, Ordering::SeqCst);
    }

    pub(super) fn web_app(&self, path: &str, config: &SessionConfig) -> Arc<WebApp> {
        self.sessions.web_app(&self.cluster, path, config)
    }

    /// A web-app at `/` with the defaults.
    pub(super) fn plain(&self) -> Arc<WebApp> {
        self.web_app("/", &SessionConfig::default())
    }

    pub(super) fn open(&self, web_app: &Arc<WebApp>, cookie: Option<&str>) -> Session {
        let cookie = cookie.map(str::as_bytes);
        self.sessions.open(web_app, Presented { cookie, url: None, secure: false })
    }

    pub(super) fn open_url(&self, web_app: &Arc<WebApp>, url: &str) -> Session {
        let url = Some(url.as_bytes());
        self.sessions.open(web_app, Presented { cookie: None, url, secure: false })
    }

    /// The response of a request leaves.
    pub(super) async fn commit(&self, session: &Session) -> Result<Option<String>, Error> {
        let cookie = self.sessions.commit(session).await?;
        Ok(cookie.map(|value| value.to_str().unwrap().to_owned()))
    }

    /// Makes a session with one attribute and returns its id.
    pub(super) async fn log_in(&self, web_app: &Arc<WebApp>) -> String {
        let session = self.open(web_app, None);
        session.insert("user", "ann").unwrap();
        id_in(&self.commit(&session).await.unwrap().unwrap())
    }

    /// Reads `user` with this cookie.
    pub(super) async fn user(&self, web_app: &Arc<WebApp>, cookie: &str) -> Option<String> {
        self.open(web_app, Some(cookie)).get("user").await.unwrap()
    }
}

/// The id in the value of a `Set-Cookie` field.
pub(super) fn id_in(set_cookie: &str) -> String {
    let pair = set_cookie.split(';').next().unwrap();
    pair.strip_prefix("JSESSIONID=").unwrap().to_owned()
}

fn cluster() -> Cluster {
    Cluster::new("app-tier", Tier::App)
}
