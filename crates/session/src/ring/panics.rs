//! A panic in the ring ends the process: another server takes over, as from any that has ended.

use std::process;
use std::thread;

use tokio::task::{JoinHandle, spawn_local};

/// Begins a task of the ring on this thread. When it panics the process ends: without its heartbeats, or
/// with a connection that nobody keeps, a server would be worse than none.
pub(crate) fn spawn<T: 'static>(task: impl Future<Output = T> + 'static) -> JoinHandle<T> {
    spawn_local(async move {
        let _watch = Watch;
        task.await
    })
}

/// Ends the process if this thread panics.
struct Watch;

impl Drop for Watch {
    fn drop(&mut self) {
        if thread::panicking() {
            end("a task of the ring has panicked");
        }
    }
}

/// Ends the process, because what it knows of its sessions may be wrong.
pub(crate) fn end(what: &str) -> ! {
    tracing::error!(
        what,
        "a fault of this program: the process ends, so that other servers take over; its panic is in the \
         log before this line"
    );
    process::abort()
}
