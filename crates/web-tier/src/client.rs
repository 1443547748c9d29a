//! The client's side of a connection.

use std::io;
use std::mem::MaybeUninit;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use copal_config::limits::Limits;
use copal_serve::accepted::{Accepted, DoorIndex};
use copal_serve::buffer::Buffer;
use copal_serve::deadlines::Deadline;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;

use crate::worker::Worker;

/// The client's side of a connection.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    /// What the client sent and nobody used yet.
    pub(crate) inbox: Buffer,
    /// For one wait at a time.
    pub(crate) wait: Deadline,
    /// Where it came in.
    door: DoorIndex,
    pub(crate) peer: Peer,
    /// Its place under `max-connections`.
    _place: Option<OwnedSemaphorePermit>,
}

/// Who the client is, as far as the connection tells. The same for all its requests.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    /// The same as text; it is written into every request.
    pub(crate) address_text: String,
    /// Where the client came in; also the `Host` of requests that have none.
    pub(crate) local: SocketAddr,
    /// Its port as text.
    pub(crate) port_text: String,
    /// Whether what it says about others is believed, by the configuration in force.
    pub(crate) trusted: bool,
}

impl Client {
    pub(crate) fn new(worker: &Worker, accepted: Accepted) -> Self {
        let site = &worker.site;
        Self {
            stream: accepted.stream,
            inbox: Buffer::new(&worker.bench.buffers),
            wait: worker.bench.deadlines.slot(),
            door: accepted.door,
            peer: Peer::new(accepted.peer, accepted.local, &site.limits),
            _place: accepted.place,
        }
    }

    /// Whether the client has closed its side, or is gone. Worth a system call where it has waited.
    pub(crate) fn has_left(&self) -> bool {
        match SockRef::from(&self.stream).peek(&mut [MaybeUninit::uninit()]) {
            Ok(bytes) => bytes == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    /// How long the connection may be idle, by the configuration of `worker`.
    pub(crate) fn keepalive_timeout(&self, worker: &Worker) -> Duration {
        worker.site.keepalive_timeouts.get(self.door.0).copied().unwrap_or_default()
    }
}

impl Peer {
    pub(crate) fn new(peer: SocketAddr, local: SocketAddr, limits: &Limits) -> Self {
        // An IPv4 client of an IPv6 listener is told to everybody as the IPv4 client that it is.
        let address = peer.ip().to_canonical();
        let mut peer = Self {
            address,
            address_text: address.to_string(),
            local: SocketAddr::new(local.ip().to_canonical(), local.port()),
            port_text: local.port().to_string(),
            trusted: false,
        };
        peer.judge(limits);
        peer
    }

    /// Decides by these limits whether it is trusted.
    pub(crate) fn judge(&mut self, limits: &Limits) {
        self.trusted = limits.trusted_proxies.iter().any(|network| network.contains(self.address));
    }
}
