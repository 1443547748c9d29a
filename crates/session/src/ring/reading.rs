//! Reads sessions that are on the disk only, on threads that may wait for the disk.

use std::io;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;

use copal_replica::effects::Fetch;

use crate::ring::engine::Engine;

/// So many reads wait for the disk at a time. A read from the page cache takes some ten microseconds; of
/// a slow disk they wait together.
const THREADS: usize = 4;

/// Starts the threads that read.
///
/// # Errors
/// When the system gives no thread.
pub(crate) fn start(engine: &Arc<Engine>, wanted: Receiver<Fetch>) -> io::Result<()> {
    let wanted = Arc::new(Mutex::new(wanted));
    for _ in 0..THREADS {
        // The engine must not live on because of them: it holds the other end.
        let (engine, wanted) = (Arc::downgrade(engine), Arc::clone(&wanted));
        Builder::new().name("ring-disk".to_owned()).spawn(move || {
            while let Some(fetch) = next(&wanted) {
                let Some(engine) = engine.upgrade() else { return };
                engine.fetch(fetch);
            }
        })?;
    }
    Ok(())
}

fn next(wanted: &Mutex<Receiver<Fetch>>) -> Option<Fetch> {
    wanted.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
