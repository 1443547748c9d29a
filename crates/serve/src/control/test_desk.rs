//! A desk for tests.

use std::cell::{Cell, RefCell};
use std::sync::mpsc;

use copal_protocol::state::{State, Wish};
use copal_protocol::status::Status;
use tokio::sync::oneshot;

use crate::desk::{Desk, Refused, Reloaded};

/// A desk of which `app-a` can be changed and `app-b` must stay. It is not ready and refuses to
/// reload, until somebody wishes that `well` is enabled.
#[derive(Debug)]
pub(crate) struct TestDesk {
    events: mpsc::Sender<&'static str>,
    well: Cell<bool>,
    until: RefCell<Option<oneshot::Receiver<()>>>,
}

impl TestDesk {
    /// One that tells of reloads.
    pub(crate) fn new(events: mpsc::Sender<&'static str>) -> Self {
        Self { events, well: Cell::new(false), until: RefCell::default() }
    }

    /// The same whose first reload takes until it gets a word.
    pub(crate) fn slow(events: mpsc::Sender<&'static str>, until: oneshot::Receiver<()>) -> Self {
        Self { until: RefCell::new(Some(until)), ..Self::new(events) }
    }
}

impl Desk for TestDesk {
    fn status(&self) -> Status {
        let text = r#"{"server":"web-a","cluster":"web-tier","tier":"web","version":"1","pid":7,
            "uptime_seconds":1,"state":"ready"}"#;
        serde_json::from_str(text).unwrap()
    }

    fn metrics(&self) -> String {
        "a_total 1\n".repeat(if self.well.get() { 100_000 } else { 1 })
    }

    fn ready(&self) -> Result<(), String> {
        if self.well.get() { Ok(()) } else { Err("not \"yet\"".to_owned()) }
    }

    fn wish(&self, server: &str, wish: Wish) -> Result<State, Refused> {
        match server {
            "app-a" => Ok(wish.state()),
            "app-b" => Err(Refused::NotHere("it is the last one".to_owned())),
            "well" => {
                self.well.set(true);
                Ok(State::Ready)
            }
            "panic" => panic!("as it was asked to"),
            _ => Err(Refused::Unknown(format!("there is no server {server}"))),
        }
    }

    async fn reload(&self) -> Result<Reloaded, String> {
        // In most tests nobody listens.
        let _ = self.events.send("reload");
        let until = self.until.borrow_mut().take();
        if let Some(until) = until {
            until.await.unwrap();
        }
        if !self.well.get() {
            return Err("copal.toml:1: bad\nand worse".to_owned());
        }
        let needs_restart = vec!["port".to_owned()];
        Ok(Reloaded { changed: vec!["weight".to_owned()], needs_restart })
    }
}
