//! How many client connections one process takes at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many client connections one process takes at a time.
///
/// At the cap nothing is refused: further connections wait in the kernel's queue, where they
/// cost next to nothing, until another one ends.
#[derive(Debug, Clone)]
pub struct ConnectionCap {
    places: Arc<Semaphore>,
    max: usize,
    full: Arc<AtomicBool>,
}

impl ConnectionCap {
    /// A cap of `max` connections.
    #[must_use]
    pub fn new(max: usize) -> Self {
        let max = max.min(Semaphore::MAX_PERMITS);
        Self { places: Arc::new(Semaphore::new(max)), max, full: Arc::default() }
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.max.saturating_sub(self.places.available_permits())
    }

    /// A place, as soon as there is one. Says so in the log once per change of state.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            if self.full.load(Ordering::Relaxed) && self.open().saturating_mul(10) < self.max * 9 {
                self.full.store(false, Ordering::Relaxed);
                tracing::info!(max = self.max, "connections are below max-connections again");
            }
            return Some(place);
        }
        if !self.full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                max = self.max,
                "max-connections is reached: new connections wait until another one ends"
            );
        }
        // The semaphore is never closed, so there is always a place in the end.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waits_at_the_cap_and_goes_on_below_it() {
        let cap = ConnectionCap::new(2);
        let first = cap.place().await;
        let _second = cap.place().await;
        assert_eq!(cap.open(), 2);
        let mut third = std::pin::pin!(cap.place());
        assert!(futures_poll(third.as_mut()).is_none(), "there is no third place yet");
        drop(first);
        assert!(third.await.is_some());
    }

    fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}
