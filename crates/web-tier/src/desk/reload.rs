//! The configuration, read again and put in force.

use copal_config::{changes, in_place, restart};
use copal_serve::desk::Reloaded;
use copal_serve::process::Source;
use copal_serve::{file_limit, log};

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
}

impl Reloads {
    /// Remembers what became of one.
    pub(crate) fn remember(&mut self, result: &Result<Reloaded, String>) {
        self.taken += u64::from(result.is_ok());
        self.error = result.as_ref().err().cloned();
    }
}

/// Reads the configuration again and puts it in force. Requests that run keep the one they began
/// with.
///
/// # Errors
/// What is wrong with the file; nothing was changed.
pub(crate) fn reload(live: &Live, source: Option<&Source>) -> Result<Reloaded, String> {
    let source = source.ok_or("this server was not started from a file")?;
    let new = source.read()?;
    let site = live.site();
    let household = &site.household;
    let id = &household.server;
    // What cannot be changed in place stays as it was, and is named again each time.
    let needs_restart = restart::needed(&site.config, &new, id);
    let Some(part) = in_place::part(&site.config, &new, id) else {
        // It has no place in this file, so there is nothing in it that it could take.
        return Ok(Reloaded { changed: Vec::new(), needs_restart });
    };
    let changed = changes::between(&site.config, &new, id);
    let (listening, own) = part.server(id).ok_or("this server is not in the file")?;
    let next = Site::new(&part, listening, own, household, Some(&site));
    let next = next.map_err(|error| format!("{error}; nothing was changed"))?;
    let max = part.limits.max_connections;
    if max != site.limits.max_connections {
        household.cap.set(file_limit::raise(max, FILES_FOR_FOUR));
    }
    log::set_level(part.log.level);
    household.drain.set_time(part.limits.drain_time);
    live.swap(next);
    Ok(Reloaded { changed, needs_restart })
}
