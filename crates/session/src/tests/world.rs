//! A process with sessions, a clock and a source of numbers, and clients that send requests to it.
//!
//! There are two kinds of it: with sessions in memory, and with a ring of one server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use copal_config::cluster::{Cluster, Tier};
use copal_config::session_config::SessionConfig;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::state::State;
use copal_replica::incarnation::Incarnation;
use copal_replica::safety::{Acknowledge, Degraded, Safety};
use copal_replica::server_id::ServerId;

use crate::error::Error;
use crate::presented::Presented;
use crate::ring::plan::RingPlan;
use crate::ring::roster::{Member, Roster};
use crate::ring::runner::Ring;
use crate::ring_keeper::RingKeeper;
use crate::session::Session;
use crate::sessions::Sessions;
use crate::surroundings::{NoRandom, Surroundings};
use crate::web_app::WebApp;

/// A process with sessions: `app-a` of two servers, or alone in a ring.
pub(super) struct World {
    pub(super) sessions: Sessions,
    pub(super) cluster: Cluster,
    /// Runs for as long as the sessions are used.
    ring: Option<Ring>,
    clock: Arc<AtomicU64>,
    random: Arc<AtomicBool>,
}

/// One of each kind: what holds in one holds in the other.
pub(super) fn worlds() -> [World; 2] {
    [World::new(), World::on_ring()]
}

/// A ring of one server, which has the only copy of everything.
fn ring(degraded: Degraded) -> Ring {
    let id = ServerId::new("app-a").unwrap();
    let own = Member {
        id,
        index: ServerIndex::new(0).unwrap(),
        address: "127.0.0.1".to_owned(),
        port: 1,
    };
    let safety = Safety {
        copies: 1,
        acknowledge: Acknowledge::Backup,
        acknowledge_timeout: Duration::from_millis(500),
        recovery_wait: Duration::from_secs(30),
        degraded,
    };
    Ring::start(RingPlan {
        roster: Roster::new("app-tier", own, Vec::new()),
        incarnation: Incarnation(1),
        safety,
        secret: None,
        tls: None,
        session_max: 4096,
        max_away: Duration::from_secs(7 * 86_400),
        disk: None,
        wished: Arc::new(|| State::Ready),
    })
    .unwrap()
}

impl World {
    /// With sessions in memory.
    pub(super) fn new() -> Self {
        Self::build(None)
    }

    /// With a ring of one server. Its clocks are not those of the test.
    pub(super) fn on_ring() -> Self {
        Self::build(Some(ring(Degraded::Accept)))
    }

    /// The same, where nothing is read that may be older than what a silent server has.
    pub(super) fn that_refuses() -> Self {
        Self::build(Some(ring(Degraded::Refuse)))
    }

    /// Whether a request sees at once what others have changed after it read something. With a ring it
    /// goes on with what it has loaded, until it saves something.
    pub(super) const fn reads_in_place(&self) -> bool {
        self.ring.is_none()
    }

    /// What to say when something does not hold.
    pub(super) fn kind(&self) -> &'static str {
        match &self.ring {
            Some(ring) if ring.engine.refuses() => "refusing ring",
            Some(_) => "ring",
            None => "memory",
        }
    }

    /// So many sessions there are, and so many of them are these web-apps'; those of a ring are not
    /// counted by web-app.
    #[track_caller]
    pub(super) fn has(&self, sessions: usize, by_web_app: &[(&Arc<WebApp>, usize)]) {
        assert_eq!(self.sessions.live(), sessions, "{}", self.kind());
        for (web_app, count) in by_web_app.iter().filter(|_| self.ring.is_none()) {
            assert_eq!(web_app.live(), *count, "{}", web_app.path());
        }
    }

    /// What keeps the sessions of the ring.
    pub(super) fn ring_keeper(&self) -> RingKeeper {
        RingKeeper::new(Arc::clone(&self.ring.as_ref().unwrap().engine))
    }

    /// How many sessions the ring has.
    pub(super) fn ring_holds(&self) -> u64 {
        self.ring.as_ref().map_or(0, |ring| ring.census().own)
    }

    /// How often a session was saved that other servers may hold.
    pub(super) async fn saves(&self, web_app: &Arc<WebApp>, id: &str) -> u64 {
        let seat = self.open(web_app, Some(id)).handle().seat().await.unwrap();
        seat.loaded.get().map_or(0, |copy| copy.base().version.sequence)
    }

    fn build(ring: Option<Ring>) -> Self {
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
        let sessions = match &ring {
            Some(ring) => Sessions::of_ring(ring, surroundings),
            None => Sessions::new(server(0), vec![server(1)], surroundings),
        };
        Self { sessions, cluster: cluster(), ring, clock, random }
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
        self.sessions.web_app(&self.cluster, ("", path), config)
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
