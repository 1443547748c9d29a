//! Health checks: every server is asked again and again whether it is well.

use std::cell::RefCell;
use std::collections::HashSet;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use copal_config::cluster::Protocol;
use copal_config::server::HealthCheck;
use copal_http1::response_head::{ResponseHead, ResponseLimits};
use copal_http1::write;
use copal_protocol::hello;
use copal_serve::buffer::Buffers;
use copal_tls::refused::Refused;
use tokio::io::AsyncWriteExt;
use tokio::sync::Notify;
use tokio::task::spawn_local;
use tokio::time::{Instant, sleep_until, timeout};

use crate::balance::cluster::Cluster;
use crate::balance::server::Server;
use crate::care::verdict::Verdict;
use crate::forward::connect::{Dialer, Unreached};
use crate::live::Live;
use crate::site::Site;

/// The health checks of all servers, each a task of its own.
#[derive(Debug)]
pub(crate) struct Checks {
    live: Arc<Live>,
    buffers: Rc<Buffers>,
    /// The servers that have a task, by the numbers of their records.
    watched: RefCell<HashSet<usize>>,
    /// The configuration has changed.
    changed: Notify,
}

/// Why a check was not passed.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("health check: {0}")]
    Unreached(#[from] Unreached),
    #[error("health check: {0}")]
    Broken(#[from] io::Error),
    #[error("health check: no answer within {0:?}")]
    Late(Duration),
    #[error("health check: {0}")]
    Unclear(String),
    #[error("health check: status {0}")]
    Status(u16),
}

impl Checks {
    pub(crate) fn new(live: Arc<Live>) -> Rc<Self> {
        Rc::new(Self {
            live,
            buffers: Rc::default(),
            watched: RefCell::default(),
            changed: Notify::new(),
        })
    }

    /// Begins to ask every server of the configuration in force that is not asked yet. Those that
    /// it does not name any more, or not with a check, are left alone from now on.
    pub(crate) fn follow(self: &Rc<Self>) {
        self.changed.notify_waiters();
        let site = self.live.site();
        for cluster in &site.clusters {
            for server in cluster.servers.iter().filter(|s| s.settings.health_check.is_some()) {
                let number = server.record.number;
                if self.watched.borrow_mut().insert(number) {
                    spawn_local(Rc::clone(self).watch(number));
                }
            }
        }
    }

    /// Asks one server for as long as the configuration says so.
    async fn watch(self: Rc<Self>, number: usize) {
        // Checks of many servers, and of many web servers, do not run in step.
        let mut asked_at = None;
        let first = Instant::now() + part(FIRST);
        loop {
            // Heard from here on, also while the site is looked at.
            let changed = self.changed.notified();
            let site = self.live.site();
            let Some((cluster, server, check)) = find(&site, number) else { break };
            let due = asked_at.map_or(first, |asked: Instant| asked + check.interval);
            if due > Instant::now() {
                // The site is not kept while it may be replaced.
                drop(site);
                tokio::select! {
                    () = sleep_until(due) => {}
                    () = changed => {}
                }
                continue;
            }
            // A little early, each time another little, so that no two servers stay in step.
            let early = part(check.interval / 8);
            asked_at = Some(Instant::now().checked_sub(early).unwrap_or_else(Instant::now));
            let found = self.ask(&site, cluster, server, check).await;
            self.tell(number, found);
        }
        self.watched.borrow_mut().remove(&number);
    }

    /// Tells the server what a check found, by the configuration in force: one that is not checked
    /// any more is told nothing.
    fn tell(&self, number: usize, found: Result<Verdict, Failed>) {
        let site = self.live.site();
        let Some((cluster, server, _)) = find(&site, number) else { return };
        match found {
            Ok(verdict) => {
                // First what it says: one that has just come back may not be ready yet.
                server.says(verdict.said);
                server.check_passed(cluster.is_lost());
            }
            Err(Failed::Unreached(why)) if why.is_our_own() => {
                // We have no files or ports left, which says nothing about the server.
                tracing::error!(server = server.id, %why, "a health check was not made");
            }
            Err(failed) => server.check_failed(&failed, matches!(failed, Failed::Late(_))),
        }
    }

    /// Asks a server once.
    async fn ask(
        &self,
        site: &Site,
        cluster: &Cluster,
        server: &Server,
        check: &HealthCheck,
    ) -> Result<Verdict, Failed> {
        let answer = timeout(check.timeout, self.converse(site, cluster, server, check)).await;
        answer.unwrap_or(Err(Failed::Late(check.timeout)))
    }

    async fn converse(
        &self,
        site: &Site,
        cluster: &Cluster,
        server: &Server,
        check: &HealthCheck,
    ) -> Result<Verdict, Failed> {
        let dialer = Dialer { site, buffers: &self.buffers };
        let mut upstream = dialer.connect(cluster, server).await?;
        let mut request = Vec::with_capacity(256);
        write::request_line(&mut request, "GET", check.path.as_bytes());
        write::field(&mut request, b"Host", server.host().as_bytes());
        write::field(&mut request, b"User-Agent", b"copal-health-check");
        write::field(&mut request, b"Connection", b"close");
        if let Some(proof) = upstream.proof.take() {
            write::field(&mut request, hello::PROOF.as_bytes(), proof.to_string().as_bytes());
        }
        write::end(&mut request);
        upstream.stream.write_all(&request).await?;
        upstream.stream.flush().await?;
        loop {
            match answer(upstream.inbox.data(), cluster.protocol, &site.response_limits)? {
                Answer::Final(verdict) => return Ok(verdict),
                Answer::Interim(length) => upstream.inbox.consume(length),
                Answer::More => {
                    let read = upstream.inbox.read(&mut upstream.stream).await;
                    if read.map_err(broken)? == 0 {
                        return Err(Failed::Unclear("it broke off".to_owned()));
                    }
                }
            }
        }
    }
}

/// That a server does not take our certificate shows with the first read.
fn broken(error: io::Error) -> Failed {
    match Refused::in_error(&error) {
        Some(refused) => Failed::Unreached(refused.into()),
        None => Failed::Broken(error),
    }
}

/// What the bytes of an answer are, as far as they have come.
enum Answer {
    More,
    /// An answer of so many bytes before the final one.
    Interim(usize),
    Final(Verdict),
}

fn answer(data: &[u8], protocol: Protocol, limits: &ResponseLimits) -> Result<Answer, Failed> {
    let head =
        ResponseHead::parse(data, false, limits).map_err(|bad| Failed::Unclear(bad.to_string()))?;
    let Some(head) = head else { return Ok(Answer::More) };
    if head.is_informational() {
        return Ok(Answer::Interim(head.length));
    }
    let verdict = Verdict::of(&head, protocol == Protocol::Http);
    if verdict.passed { Ok(Answer::Final(verdict)) } else { Err(Failed::Status(head.status)) }
}

/// Before this time every server is asked for the first time.
const FIRST: Duration = Duration::from_millis(250);

/// The server with this record, if it is to be checked.
fn find(site: &Site, number: usize) -> Option<(&Cluster, &Server, &HealthCheck)> {
    site.clusters.iter().find_map(|cluster| {
        let server = cluster.servers.iter().find(|server| server.record.number == number)?;
        Some((cluster, server, server.settings.health_check.as_ref()?))
    })
}

/// A random part of this time. Without randomness, half of it.
fn part(time: Duration) -> Duration {
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    time.mul_f64(f64::from(random) / f64::from(u32::MAX))
}
