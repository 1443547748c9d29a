//! Reading the configuration again, and putting it in force.

use std::sync::Arc;

use copal_config::config::Config;
use copal_config::{changes, in_place, restart};
use copal_serve::connection_cap::ConnectionCap;
use copal_serve::desk::Reloaded;
use copal_serve::drain::Drain;
use copal_serve::process::Source;
use copal_serve::{file_limit, log};

use crate::fixtures::Fixtures;
use crate::in_force::InForce;
use crate::limits::FILES_FOR_FOUR;

/// Reading the configuration again, and putting it in force.
pub(crate) struct Reload {
    pub(crate) fixtures: Fixtures,
    /// What is in force.
    pub(crate) current: Arc<Config>,
    /// Where it is read; `None` for a configuration that was made by a program.
    pub(crate) source: Option<Source>,
    pub(crate) in_force: Arc<InForce>,
    pub(crate) cap: ConnectionCap,
    pub(crate) drain: Drain,
    /// How often it was taken.
    pub(crate) count: u64,
    /// Why the last one was not.
    pub(crate) error: Option<String>,
}

impl Reload {
    /// Reads the file and puts in force what can be; a bad one changes nothing.
    pub(crate) fn run(&mut self) -> Result<Reloaded, String> {
        let reloaded = self.read_again();
        match &reloaded {
            Ok(_) => {
                self.count += 1;
                self.error = None;
            }
            Err(error) => self.error = Some(error.clone()),
        }
        reloaded
    }

    fn read_again(&mut self) -> Result<Reloaded, String> {
        let source = self.source.as_ref().ok_or(
            "this server was started by a program with a configuration of its own: there is no \
             file to be read again",
        )?;
        let new = source.read()?;
        let id = self.fixtures.id().to_owned();
        let old = Arc::clone(&self.current);
        let needs_restart = restart::needed(&old, &new, &id);
        let Some(part) = in_place::part(&old, &new, &id) else {
            // It has no place in this file, so there is nothing in it that it could take.
            return Ok(Reloaded { changed: Vec::new(), needs_restart });
        };
        let plan = self.fixtures.plan(&part).map_err(|error| error.to_string())?;
        // From here on nothing fails.
        let changed = changes::between(&old, &new, &id);
        self.in_force.replace(plan);
        if part.limits.max_connections != old.limits.max_connections {
            self.cap.set(file_limit::raise(part.limits.max_connections, FILES_FOR_FOUR));
        }
        log::set_level(part.log.level);
        self.drain.set_time(part.limits.drain_time);
        self.current = Arc::new(part);
        Ok(Reloaded { changed, needs_restart })
    }
}
