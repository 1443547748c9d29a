//! The control thread of a server: what operators ask of it while it runs.
//!
//! Asked by HTTP/1.1, over the control socket, the admin listener, or both:
//!
//! | request | answer |
//! |---|---|
//! | `GET /health` | 200 `alive` |
//! | `GET /ready` | 200 `ready`, or 503 with the reason |
//! | `GET /metrics` | the figures, as Prometheus reads them |
//! | `GET /status` | the JSON of [`Status`](copal_protocol::status::Status) |
//! | `POST /servers/ID/STATE` | STATE is `enable`, `drain`, `evict` or `maintenance`: `{"server":"app-a","state":"drain"}`; 404 for an unknown server, 409 when it must stay as it is |
//! | `POST /reload` | `{"changed":[…],"needs_restart":[…]}`; 422 with the report, or 409 while another one runs: nothing was changed then |
//!
//! `HEAD` goes where `GET` goes. Every answer from 400 on is `{"error":"…"}`.
//!
//! The socket may do everything: its file mode is the guard. The admin listener shows without a
//! token at a loopback address only, changes nothing without one, and does not let the pages of
//! other sites ask through an operator's browser. SIGHUP is the same as `POST /reload`.

mod limits;
mod peer;
mod request;
mod errand;
mod gate;
mod answer;
mod reception;
mod places;
mod connection;
mod socket;
mod thread;
#[cfg(test)]
mod test_desk;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;

use copal_config::config::Config;
use copal_config::secret::Secret;

use crate::control::gate::Gate;
use crate::control::thread::{ControlThread, Entrances};
use crate::desk::Desk;
use crate::drain::Drain;
use crate::error::ServeError;
use crate::listener;

/// Where a server is to be asked.
#[derive(Debug)]
pub struct Plan {
    /// The control socket; see [`socket_path`].
    pub socket: PathBuf,
    /// The admin listener.
    pub admin: Option<AdminDoor>,
    /// When the server is cut off, it is not asked any more.
    pub drain: Drain,
}

/// The admin listener of a server.
#[derive(Debug)]
pub struct AdminDoor {
    /// Where it listens.
    pub address: SocketAddr,
    /// What a request must show to change anything, and to see anything elsewhere than at a
    /// loopback address.
    pub token: Option<Secret>,
}

/// The control thread of a server. Dropping it is the same as [`Control::end`].
#[derive(Debug)]
pub struct Control {
    thread: ControlThread,
    admin: Option<SocketAddr>,
}

impl Control {
    /// Where the admin listener is, if there is one.
    #[must_use]
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// Stops it at once, and returns when its socket is gone. A thread that panicked is reported as
    /// `false`; one that hangs is left behind after a moment.
    pub fn end(mut self) -> bool {
        self.thread.end()
    }
}

/// The control socket of the server `server` of `config`, running or not.
#[must_use]
pub fn socket_path(config: &Config, server: &str) -> PathBuf {
    config.run_dir.join(format!("{server}.sock"))
}

/// Starts the control thread. `make` builds the desk there, inside its runtime, so that it may
/// start tasks of its own. When this returns, requests are answered and SIGHUP is obeyed.
///
/// # Errors
/// When a socket cannot be opened or the server runs already; then nothing was started.
pub fn run<D: Desk>(
    plan: Plan,
    make: impl FnOnce() -> D + Send + 'static,
) -> Result<Control, ServeError> {
    let (socket, file) = socket::bind(&plan.socket)?;
    let mut entrances = Entrances { socket, file, admin: None };
    let mut address = None;
    if let Some(door) = plan.admin {
        let failed = |source| ServeError::Bind { address: door.address, source };
        let Some(listener) = listener::bind(door.address, 1)?.pop() else {
            return Err(failed(std::io::ErrorKind::AddrNotAvailable.into()));
        };
        let local = listener.local_addr().map_err(failed)?;
        address = Some(local);
        entrances.admin = Some((listener, Gate::admin(local.ip(), door.token)));
    }
    let thread = ControlThread::start(entrances, plan.drain, make)?;
    tracing::info!(socket = %plan.socket.display(), admin = ?address, "control socket open");
    Ok(Control { thread, admin: address })
}
