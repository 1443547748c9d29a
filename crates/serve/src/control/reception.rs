//! Where requests are carried to the desk, and its words are made an answer.

use std::pin::pin;

use copal_protocol::state::Wish;
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::control::answer::Answer;
use crate::control::errand::{Errand, Lost};
use crate::control::gate::Gate;
use crate::control::limits::SLOW_RELOAD;
use crate::control::peer::Peer;
use crate::control::request::Request;
use crate::desk::{Desk, Refused, Reloaded};
use crate::exposition;

/// Where requests are carried to the desk. Every change is logged, with who wanted it and what
/// came of it.
#[derive(Debug)]
pub(crate) struct Reception<D> {
    desk: D,
    /// Held while the configuration is read again.
    reading: Mutex<()>,
}

/// Why the configuration was not read again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotReloaded {
    /// It is bad, and this is the report.
    #[error("{0}")]
    Bad(String),
    /// It is being read already.
    #[error(
        "the configuration is being read already, and that has not ended: ask again when it has; \
         if it never does, look at the disks on which the file, its secrets and its `root`s are"
    )]
    Running,
}

impl<D: Desk> Reception<D> {
    pub(crate) fn new(desk: D) -> Self {
        Self { desk, reading: Mutex::new(()) }
    }

    /// Answers a request that came through `gate`.
    pub(crate) async fn answer(&self, request: &Request, gate: &Gate, peer: Peer) -> Answer {
        if let Err(denied) = gate.admit(request) {
            if !request.only_looks() {
                let path = request.path.as_str();
                tracing::info!(by = %peer, ?path, "a change was refused: {denied}");
            }
            let answer = Answer::error(denied.status(), &denied.to_string());
            return match denied.challenge() {
                Some(challenge) => answer.with("WWW-Authenticate", challenge),
                None => answer,
            };
        }
        match Errand::of(&request.method, &request.path) {
            Ok(errand) => self.carry_out(&errand, peer).await,
            Err(lost) => answer_lost(&lost),
        }
    }

    /// Reads the configuration again. While that goes on, others who ask are refused, but for a
    /// signal, which nobody can send again for want of an answer: it is obeyed afterwards.
    ///
    /// # Errors
    /// When the file is bad, or is being read; nothing was changed.
    pub(crate) async fn reload(&self, peer: Peer) -> Result<Reloaded, NotReloaded> {
        let _reading = match (self.reading.try_lock(), peer) {
            (Ok(reading), _) => reading,
            (Err(_), Peer::Signal) => self.reading.lock().await,
            (Err(_), _) => {
                tracing::info!(by = %peer, "not read again: {}", NotReloaded::Running);
                return Err(NotReloaded::Running);
            }
        };
        let mut reload = pin!(self.desk.reload());
        let result = match timeout(SLOW_RELOAD, &mut reload).await {
            Ok(result) => result,
            Err(_) => {
                tracing::warn!(
                    by = %peer,
                    "the configuration is still being read after {SLOW_RELOAD:?}: look at the \
                     disks on which the file, its secrets and its `root`s are"
                );
                reload.await
            }
        };
        match result {
            Ok(reloaded) => {
                log_reload(&reloaded, peer);
                Ok(reloaded)
            }
            Err(report) => {
                tracing::error!(
                    by = %peer,
                    "the configuration was read again and refused; nothing was changed\n{report}"
                );
                Err(NotReloaded::Bad(report))
            }
        }
    }

    async fn carry_out(&self, errand: &Errand<'_>, peer: Peer) -> Answer {
        match *errand {
            Errand::Health => Answer::line("alive"),
            Errand::Ready => match self.desk.ready() {
                Ok(()) => Answer::line("ready"),
                Err(why) => Answer::error(503, &why),
            },
            Errand::Metrics => Answer::text(exposition::MEDIA_TYPE, self.desk.metrics()),
            Errand::Status => match serde_json::to_value(self.desk.status()) {
                Ok(status) => Answer::json(&status),
                Err(error) => Answer::error(500, &error.to_string()),
            },
            Errand::Wish { server, wish } => self.wish(server, wish, peer),
            Errand::Reload => match self.reload(peer).await {
                Ok(Reloaded { changed, needs_restart }) => {
                    Answer::json(&json!({ "changed": changed, "needs_restart": needs_restart }))
                }
                Err(error @ NotReloaded::Bad(_)) => Answer::error(422, &error.to_string()),
                Err(error @ NotReloaded::Running) => Answer::error(409, &error.to_string()),
            },
        }
    }

    fn wish(&self, server: &str, wish: Wish, peer: Peer) -> Answer {
        let wanted = wish.as_str();
        match self.desk.wish(server, wish) {
            Ok(state) => {
                tracing::info!(by = %peer, server, wanted, %state, "state changed");
                Answer::json(&json!({ "server": server, "state": state }))
            }
            Err(refused) => {
                tracing::info!(by = %peer, server, wanted, "state not changed: {refused}");
                let status = match refused {
                    Refused::Unknown(_) => 404,
                    Refused::NotHere(_) => 409,
                };
                Answer::error(status, &refused.to_string())
            }
        }
    }
}

fn log_reload(reloaded: &Reloaded, peer: Peer) {
    let Reloaded { changed, needs_restart } = reloaded;
    tracing::info!(
        by = %peer,
        changed = changed.len(),
        needs_restart = needs_restart.len(),
        "the configuration was read again"
    );
    for change in changed {
        tracing::info!("changed: {change}");
    }
    for change in needs_restart {
        tracing::warn!("needs a restart: {change}");
    }
}

fn answer_lost(lost: &Lost) -> Answer {
    match lost {
        Lost::Path => Answer::error(404, "there is nothing here"),
        Lost::Wish => {
            let known = Wish::ALL.map(Wish::as_str).join(", ");
            Answer::error(404, &format!("no such state; there are: {known}"))
        }
        Lost::Method { allow } => {
            // RFC 9110, 15.5.6: "The origin server MUST generate an Allow header field in a 405
            // response"
            Answer::error(405, &format!("the methods here are: {allow}")).with("Allow", allow)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::test_desk::TestDesk;
    use copal_http1::limits::HeadLimits;
    use copal_http1::request_head::RequestHead;
    use std::io;
    use std::sync::mpsc;
    use tracing::subscriber::with_default;

    /// Keeps log lines.
    struct Lines(mpsc::Sender<String>);

    impl io::Write for Lines {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.send(String::from_utf8_lossy(line).into_owned()).map_err(io::Error::other)?;
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_change_is_logged_with_who_and_what_came_of_it() {
        let (lines, log) = mpsc::channel();
        let subscriber = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || Lines(lines.clone()))
            .finish();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build().unwrap();
        let reception = Reception::new(TestDesk::new(mpsc::channel().0));
        let process = Peer::Process { uid: 1000, pid: Some(42) };
        let remote = Peer::Address(([10, 0, 0, 9], 4711).into());
        let closed = Gate::admin([10, 0, 0, 1].into(), None);
        let ask = |line: &str, gate: &Gate, peer| {
            let text = format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n");
            let limits = HeadLimits { max_head: 4096, max_fields: 20, max_uri: 1024 };
            let head = RequestHead::parse(text.as_bytes(), &limits).unwrap().unwrap();
            runtime.block_on(reception.answer(&Request::of(&head), gate, peer));
            log.try_iter().collect::<String>()
        };
        with_default(subscriber, || {
            for (line, gate, peer, parts) in [
                (
                    "POST /servers/app-a/evict",
                    &Gate::Socket,
                    process,
                    &["user 1000, process 42", "app-a", "evict", "state changed"][..],
                ),
                (
                    "POST /servers/app-b/drain",
                    &Gate::Socket,
                    remote,
                    &["admin listener, 10.0.0.9:4711", "app-b", "not changed", "the last one"][..],
                ),
                ("POST /reload", &Gate::Socket, Peer::Signal, &["SIGHUP", "refused", "bad"][..]),
                ("POST /servers/well/enable", &Gate::Socket, process, &["well"][..]),
                (
                    "POST /reload",
                    &Gate::Socket,
                    process,
                    &["user 1000", "changed: weight", "needs a restart: port"][..],
                ),
                ("POST /reload", &closed, remote, &["10.0.0.9:4711", "/reload", "was refused"][..]),
            ] {
                let log = ask(line, gate, peer);
                for part in parts {
                    assert!(log.contains(part), "{line}: {part} is not in: {log}");
                }
            }
            assert_eq!(ask("GET /status", &Gate::Socket, process), "");
        });
    }
}
