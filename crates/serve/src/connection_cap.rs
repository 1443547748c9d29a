//! How many client connections one process takes at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many client connections one process takes at a time.
///
/// At the cap nothing is refused: further connections wait in the kernel's queue, where they
/// cost next to nothing, until another one ends.
#[derive(Debug, Clone)]
pub struct ConnectionCap {
    places: Arc<Semaphore>,
    bounds: Arc<Bounds>,
}

#[derive(Debug)]
struct Bounds {
    max: AtomicUsize,
    /// Places that are still taken and must not be given out again, since the cap was lowered.
    /// There are `max` and so many places in all.
    debt: AtomicUsize,
    full: AtomicBool,
}

impl ConnectionCap {
    /// A cap of `max` connections.
    #[must_use]
    pub fn new(max: usize) -> Self {
        let max = max.min(Semaphore::MAX_PERMITS);
        let bounds = Bounds {
            max: AtomicUsize::new(max),
            debt: AtomicUsize::new(0),
            full: AtomicBool::new(false),
        };
        Self { places: Arc::new(Semaphore::new(max)), bounds: Arc::new(bounds) }
    }

    /// Takes at most `max` connections from now on. Those that are open stay: a lower cap counts
    /// as connections end.
    pub fn set(&self, max: usize) {
        let Bounds { max: bound, debt, .. } = &*self.bounds;
        let max = max.min(Semaphore::MAX_PERMITS);
        let before = bound.swap(max, Ordering::Relaxed);
        if max < before {
            let surplus = before - max;
            let forgotten = self.places.forget_permits(surplus);
            debt.fetch_add(surplus - forgotten, Ordering::Relaxed);
        } else {
            let mut more = max - before;
            while more > 0 && self.bounds.pay() {
                more -= 1;
            }
            self.places.add_permits(more);
        }
    }

    /// How many connections there may be.
    #[must_use]
    pub fn max(&self) -> usize {
        self.bounds.max.load(Ordering::Relaxed)
    }

    /// How many connections are open.
    #[must_use]
    pub fn open(&self) -> usize {
        let places = self.max().saturating_add(self.bounds.debt.load(Ordering::Relaxed));
        places.saturating_sub(self.places.available_permits())
    }

    /// A place, as soon as there is one. Says so in the log once per change of state.
    pub async fn place(&self) -> Option<OwnedSemaphorePermit> {
        let full = &self.bounds.full;
        while let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            let Some(place) = self.bounds.unless_owed(place) else { continue };
            let max = self.max();
            if full.load(Ordering::Relaxed) && self.open().saturating_mul(10) < max * 9 {
                full.store(false, Ordering::Relaxed);
                tracing::info!(max, "connections are below max-connections again");
            }
            return Some(place);
        }
        if !full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                max = self.max(),
                "max-connections is reached: new connections wait until another one ends"
            );
        }
        loop {
            // The semaphore is never closed, so there is always a place in the end.
            let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
            if let Some(place) = self.bounds.unless_owed(place) {
                return Some(place);
            }
        }
    }
}

impl Bounds {
    /// The place, unless it is one too many since the cap was lowered; then it is gone.
    fn unless_owed(&self, place: OwnedSemaphorePermit) -> Option<OwnedSemaphorePermit> {
        if !self.pay() {
            return Some(place);
        }
        place.forget();
        None
    }

    /// Takes one place off the debt, if there is any.
    fn pay(&self) -> bool {
        let less = |debt: usize| debt.checked_sub(1);
        self.debt.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
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

    #[tokio::test]
    async fn a_lower_cap_counts_as_connections_end() {
        let cap = ConnectionCap::new(4);
        let mut open = Vec::new();
        for _ in 0..3 {
            open.push(cap.place().await);
        }
        cap.set(1);
        assert_eq!((cap.max(), cap.open()), (1, 3));
        let mut next = std::pin::pin!(cap.place());
        for left in [2, 1] {
            open.pop();
            assert!(futures_poll(next.as_mut()).is_none(), "{left} are open of 1");
            assert_eq!(cap.open(), left);
        }
        open.pop();
        assert!(next.await.is_some());
    }

    #[tokio::test]
    async fn a_higher_cap_lets_those_in_who_wait() {
        let cap = ConnectionCap::new(1);
        let _first = cap.place().await;
        let mut second = std::pin::pin!(cap.place());
        assert!(futures_poll(second.as_mut()).is_none());
        cap.clone().set(2);
        let second = second.await;
        assert!(second.is_some());
        assert_eq!((cap.max(), cap.open()), (2, 2));
    }

    #[tokio::test]
    async fn what_was_owed_is_not_owed_twice() {
        let cap = ConnectionCap::new(3);
        let open = [cap.place().await, cap.place().await, cap.place().await];
        for max in [1, 3, 0, 2, usize::MAX, 2] {
            cap.set(max);
            assert_eq!((cap.max(), cap.open()), (max.min(Semaphore::MAX_PERMITS), 3));
        }
        drop(open);
        assert_eq!(cap.open(), 0);
        let _two = (cap.place().await, cap.place().await);
        assert_eq!(cap.open(), 2);
        assert!(futures_poll(std::pin::pin!(cap.place())).is_none());
    }

    fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
    }
}
