//! Two processes with the session layer and no HTTP: one writes, and the other one holds the copies.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use copal_config::cluster::{Cluster, Tier};
use copal_config::session_config::SessionConfig;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::state::State;
use copal_replica::incarnation::Incarnation;
use copal_replica::safety::{Acknowledge, Degraded, Safety};
use copal_replica::server_id::ServerId;
use copal_session::presented::Presented;
use copal_session::ring::acceptance::{Guest, Reception};
use copal_session::ring::line::LinkKind;
use copal_session::ring::plan::RingPlan;
use copal_session::ring::roster::{Member, Roster};
use copal_session::ring::runner::Ring;
use copal_session::sessions::Sessions;
use copal_session::surroundings::{NoRandom, Surroundings};
use copal_session::web_app::WebApp;
use copal_tls::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::spawn_local;

use crate::load::{self, AT_ONCE, Failed, SESSIONS, SIZE, Writer};

/// Server `own` of two.
pub async fn run(own: &str, ports: [u16; 2]) -> Result<(), Failed> {
    let index = usize::from(own == "b");
    let member = |place: usize| -> Option<Member> {
        Some(Member {
            id: ServerId::new(["a", "b"].get(place)?)?,
            index: ServerIndex::new(place)?,
            address: "127.0.0.1".to_owned(),
            port: *ports.get(place)?,
        })
    };
    let (mine, other) = member(index).zip(member(1 - index)).ok_or("a or b")?;
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let listener = TcpListener::bind(("127.0.0.1", mine.port)).await?;
    let plan = RingPlan {
        roster: Roster::new("bench", mine, vec![other]),
        incarnation: Incarnation(u64::try_from(now.as_micros())?),
        safety: Safety {
            copies: 2,
            acknowledge: Acknowledge::Backup,
            acknowledge_timeout: Duration::from_secs(5),
            recovery_wait: Duration::from_secs(10),
            degraded: Degraded::Refuse,
        },
        secret: None,
        wished: Arc::new(|| State::Ready),
        disk: None,
        session_max: usize::MAX,
        max_away: Duration::from_secs(7 * 24 * 60 * 60),
        tls: None,
    };
    let ring = Ring::start(plan)?;
    spawn_local(let_in(listener, ring.reception()));
    if own == "b" {
        // It holds what it is sent until nobody writes any more.
        return load::rounds(Vec::<Visitor>::new()).await;
    }
    while ring.state(State::Ready) != State::Ready {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The other one says that it is ready with its next heartbeat.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let began = Instant::now();
    let surroundings = Surroundings::new(
        move || began.elapsed(),
        |bytes| getrandom::fill(bytes).map_err(|_| NoRandom),
    );
    let sessions = Sessions::of_ring(&ring, surroundings);
    let cluster = Cluster::new("bench", Tier::App);
    let all_in_memory = SessionConfig { session_max: usize::MAX, ..SessionConfig::default() };
    let web_app = sessions.web_app(&cluster, ("", "/"), &all_in_memory);
    let mut writers = Vec::new();
    for _ in 0..AT_ONCE {
        let mut visitor = Visitor {
            sessions: sessions.clone(),
            web_app: Arc::clone(&web_app),
            cookies: Vec::new(),
            count: 0,
        };
        for _ in 0..SESSIONS {
            visitor.log_in().await?;
        }
        writers.push(visitor);
    }
    load::rounds(writers).await
}

struct Visitor {
    sessions: Sessions,
    web_app: Arc<WebApp>,
    cookies: Vec<String>,
    count: u8,
}

impl Visitor {
    async fn log_in(&mut self) -> Result<(), Failed> {
        let session = self.sessions.open(&self.web_app, Presented::default());
        session.insert_bytes("value", vec![0; SIZE])?;
        let cookie = self.sessions.commit(&session).await?.ok_or("no cookie")?;
        let pair = cookie.to_str()?.split(';').next().ok_or("no cookie")?;
        let (_, id) = pair.split_once('=').ok_or("no cookie")?;
        self.cookies.push(id.to_owned());
        Ok(())
    }
}

impl Writer for Visitor {
    async fn write(&mut self, number: usize) -> Result<(), Failed> {
        self.count = self.count.wrapping_add(1);
        let cookie = self.cookies.get(number).map(|cookie| cookie.as_bytes());
        let session =
            self.sessions.open(&self.web_app, Presented { cookie, url: None, secure: false });
        session.insert_bytes("value", Bytes::from(vec![self.count; SIZE]))?;
        let told = self.sessions.commit(&session).await?;
        if told.is_some() { Err("the session was another one".into()) } else { Ok(()) }
    }
}

/// Lets the other server in, as a cluster port does, and believes it.
async fn let_in(listener: TcpListener, reception: Reception) -> Result<(), Failed> {
    loop {
        let (stream, _) = listener.accept().await?;
        let reception = reception.clone();
        spawn_local(async move {
            if let Ok(guest) = switch(stream).await {
                reception.welcome(guest);
            }
        });
    }
}

async fn switch(mut stream: TcpStream) -> Result<Guest, Failed> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head)?.to_ascii_lowercase();
    let is_pulse = head.contains("copal-link: heartbeats");
    let kind = if is_pulse { LinkKind::Pulse } else { LinkKind::Sessions };
    let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: copal-ring/1\r\n\r\n";
    stream.write_all(answer.as_bytes()).await?;
    Ok(Guest { stream: Stream::Plain(stream).park()?, read: Bytes::new(), kind })
}
