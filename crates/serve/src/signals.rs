//! What the signals of an operator mean.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

use crate::drain::{Drain, Phase};
use crate::error::ServeError;

/// From now on SIGHUP does not end the process: it is for a server that can read its file again,
/// and may come before this one can.
///
/// # Errors
/// When the system refuses a signal handler.
pub fn survive_hang_up() -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Thread)?;
    let _entered = runtime.enter();
    // The handler stays for as long as the process lives, whoever listens.
    signal(SignalKind::hangup()).map(drop).map_err(ServeError::Signals)
}

/// SIGTERM and SIGINT begin to stop the server; a second one, or the end of `drain_time`, ends
/// what still runs. [`Drain::set_time`] changes that time until then.
///
/// # Errors
/// When the system refuses a thread or the signal handlers.
pub fn stop_on_termination(drain: &Drain, drain_time: Duration) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(ServeError::Thread)?;
    let entered = runtime.enter();
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    drop(entered);
    drain.set_time(drain_time);
    let drain = drain.clone();
    let watch = async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            }
        };
        let name = next().await;
        let drain_time = drain.time();
        tracing::info!(signal = name, ?drain_time, "stopping: finishing what runs");
        drain.begin();
        tokio::select! {
            _ = next() => tracing::warn!("stopping at once: a second signal came"),
            () = tokio::time::sleep(drain_time) => {
                tracing::warn!(?drain_time, "stopping at once: drain-time is over");
            }
            () = drain.reached(Phase::Cut) => {}
        }
        drain.cut();
    };
    std::thread::Builder::new()
        .name("signals".to_owned())
        .spawn(move || runtime.block_on(watch))
        .map_err(ServeError::Thread)?;
    Ok(())
}
