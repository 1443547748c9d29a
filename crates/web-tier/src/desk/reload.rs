//! The configuration, read again and put in force.

use std::sync::Arc;

use copal_config::{changes, in_place, restart};
use copal_serve::desk::Reloaded;
use copal_serve::process::Source;
use copal_serve::{file_limit, log};
use tokio::task::spawn_blocking;

use crate::limits::FILES_FOR_FOUR;
use crate::live::Live;
use crate::site::Site;

/// What became of the readings so far.
#[derive(Debug, Default, Clone)]
pub(crate) struct Reloads {
    /// So many were taken.
    pub(crate) taken: u64,
    /// Why the last one was refused; none when it was taken.
    pub(crate) error: Option<String>,
    /// What of the file waits for a restart, a line each.
    pub(crate) needs_restart: Vec<String>,
}

impl Reloads {
    /// Remembers what became of one.
    pub(crate) fn remember(&mut self, result: &Result<Reloaded, String>) {
        self.taken += u64::from(result.is_ok());
        self.error = result.as_ref().err().cloned();
        if let Ok(reloaded) = result {
            self.needs_restart.clone_from(&reloaded.needs_restart);
        }
    }
}

/// Reads the configuration again and puts it in force. Requests that run keep the one they began
/// with. No other reload may run meanwhile. Whatever waits for a disk does so on another thread.
///
/// # Errors
/// What is wrong with the file; nothing was changed.
pub(crate) async fn reload(live: &Live, source: Option<&Source>) -> Result<Reloaded, String> {
    let source = source.ok_or("this server was not started from a file")?.clone();
    let site = live.site();
    let before = Arc::clone(&site);
    let prepared = spawn_blocking(move || prepare(&source, &before)).await;
    let prepared = prepared.map_err(|error| format!("it could not be read: {error}"))?;
    let Prepared { reloaded, next } = prepared?;
    if let Some(next) = next {
        put_in_force(live, &site, next);
    }
    Ok(reloaded)
}

/// What can be put in force without waiting for anything.
#[derive(Debug)]
struct Prepared {
    reloaded: Reloaded,
    /// None when the file has no place for this server.
    next: Option<Site>,
}

fn prepare(source: &Source, site: &Site) -> Result<Prepared, String> {
    let new = source.read()?;
    let household = &site.household;
    let id = &household.server;
    // What cannot be changed in place stays as it was, and is named again each time.
    let needs_restart = restart::needed(&site.config, &new, id);
    let Some(part) = in_place::part(&site.config, &new, id) else {
        // It has no place in this file, so there is nothing in it that it could take.
        let reloaded = Reloaded { changed: Vec::new(), needs_restart };
        return Ok(Prepared { reloaded, next: None });
    };
    let changed = changes::between(&site.config, &new, id);
    let (listening, own) = part.server(id).ok_or("this server is not in the file")?;
    let next = Site::new(&part, listening, own, household, Some(site));
    let next = next.map_err(|error| format!("{error}; nothing was changed"))?;
    Ok(Prepared { reloaded: Reloaded { changed, needs_restart }, next: Some(next) })
}

fn put_in_force(live: &Live, before: &Site, next: Site) {
    let max = next.limits.max_connections;
    if max != before.limits.max_connections {
        next.household.cap.set(file_limit::raise(max, FILES_FOR_FOUR));
    }
    log::set_level(next.config.log.level);
    next.household.drain.set_time(next.limits.drain_time);
    live.swap(next);
}
