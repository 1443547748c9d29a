//! A server as the web tier sees it: where it is, and whether it takes requests.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use copal_config::network::Address;
use copal_config::server::LoadBalance;
use copal_protocol::server_index::ServerIndex;

use crate::balance::health::Health;

/// A server as the web tier sees it. Shared by all worker threads.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) id: String,
    pub(crate) index: ServerIndex,
    pub(crate) address: Address,
    pub(crate) port: u16,
    pub(crate) settings: LoadBalance,
    /// The two fields of [`Health`], each on its own. Two threads that fail at one moment may
    /// mix them; the worst that comes of it is a pause of the wrong length.
    failures: AtomicU32,
    down_until_ms: AtomicU64,
    /// When the process began.
    epoch: Instant,
}

impl Server {
    pub(crate) fn new(server: &copal_config::server::Server, port: u16, epoch: Instant) -> Self {
        Self {
            id: server.id.clone(),
            index: server.index,
            address: server.address.clone(),
            port,
            settings: server.load_balance.clone(),
            failures: AtomicU32::new(0),
            down_until_ms: AtomicU64::new(0),
            epoch,
        }
    }

    /// Whether it takes requests. Costs no look at the clock while all is well.
    pub(crate) fn is_up(&self) -> bool {
        self.down_until_ms.load(Ordering::Relaxed) == 0
            || self.health().is_up(copal_serve::clock::now() - self.epoch)
    }

    /// It could not be reached.
    pub(crate) fn failed(&self, why: &dyn std::fmt::Display) {
        let now = copal_serve::clock::now() - self.epoch;
        let before = self.health();
        let after = before.failed(now, self.settings.recover_time);
        if after == before {
            return;
        }
        self.failures.store(after.failures, Ordering::Relaxed);
        let until = u64::try_from(after.down_until.as_millis()).unwrap_or(u64::MAX);
        self.down_until_ms.store(until.max(1), Ordering::Relaxed);
        let pause = after.down_until.saturating_sub(now);
        if before.failures == 0 {
            tracing::warn!(server = self.id, %why, ?pause, "server is down");
        } else {
            tracing::debug!(server = self.id, %why, ?pause, "server is still down");
        }
    }

    /// It was reached.
    pub(crate) fn succeeded(&self) {
        if self.down_until_ms.load(Ordering::Relaxed) != 0 {
            self.down_until_ms.store(0, Ordering::Relaxed);
            if self.failures.swap(0, Ordering::Relaxed) > 0 {
                tracing::info!(server = self.id, "server is up again");
            }
        }
    }

    /// Its socket address; looks a host name up each time, because names move.
    pub(crate) async fn socket_address(&self) -> std::io::Result<SocketAddr> {
        match &self.address {
            Address::Ip(ip) => Ok(SocketAddr::new(*ip, self.port)),
            Address::Name(name) => {
                let mut found = tokio::net::lookup_host((name.as_str(), self.port)).await?;
                found.next().ok_or_else(|| {
                    std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address")
                })
            }
        }
    }

    fn health(&self) -> Health {
        Health {
            failures: self.failures.load(Ordering::Relaxed),
            down_until: Duration::from_millis(self.down_until_ms.load(Ordering::Relaxed)),
        }
    }
}
