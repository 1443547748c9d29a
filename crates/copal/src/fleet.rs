//! The servers that were started here and have not ended.

use std::io;
use std::path::Path;

use copal_config::cluster::Tier;
use tokio::sync::mpsc;

use crate::child::{Child, Exit};
use crate::interruption::Interruption;
use crate::log_prefix::LogPrefix;
use crate::plan::Planned;
use crate::terminal;

/// The servers that were started here and have not ended.
#[derive(Debug)]
pub struct Fleet {
    children: Vec<Child>,
    sender: mpsc::UnboundedSender<Exit>,
    exits: mpsc::UnboundedReceiver<Exit>,
    width: usize,
    colours: bool,
    started: usize,
}

impl Fleet {
    /// An empty fleet; the names before log lines take `width` characters, in colours or not.
    #[must_use]
    pub fn new(width: usize, colours: bool) -> Self {
        let (sender, exits) = mpsc::unbounded_channel();
        Self { children: Vec::new(), sender, exits, width, colours, started: 0 }
    }

    /// Starts one server.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(&mut self, planned: &Planned, program: &Path, config: &Path) -> io::Result<()> {
        let colour = self.colours.then_some(self.started);
        let prefix = || LogPrefix::new(&planned.id, self.width, colour);
        let who = (planned.id.as_str(), planned.tier);
        let child = Child::start(who, program, config, prefix, self.sender.clone())?;
        self.children.push(child);
        self.started += 1;
        Ok(())
    }

    /// The servers that run, in the order of their start.
    pub fn running(&self) -> impl Iterator<Item = &Child> {
        self.children.iter()
    }

    /// The next server that ends; it is no longer in the fleet then. Waits for ever when none is
    /// left.
    pub async fn next_exit(&mut self) -> Exit {
        match self.exits.recv().await {
            Some(exit) => {
                self.children.retain(|child| child.id != exit.id);
                exit
            }
            // Not reached: the fleet holds a sender itself.
            None => std::future::pending().await,
        }
    }

    /// Stops all servers, the web tier before the app tier, so that no request meets a cluster
    /// that has gone. A second wish to stop ends those that still run at once.
    pub async fn stop(&mut self, interruption: &mut Interruption) {
        let mut patience = true;
        for tier in [Tier::Web, Tier::App] {
            for child in self.children.iter().filter(|child| child.tier == tier) {
                child.stop();
            }
            while self.children.iter().any(|child| child.tier == tier) {
                if !patience {
                    self.children.iter().for_each(Child::kill);
                }
                tokio::select! {
                    _ = self.next_exit() => {}
                    () = interruption.next(), if patience => {
                        terminal::complain("stopping at once: what still runs is cut off");
                        patience = false;
                    }
                }
            }
        }
    }
}
