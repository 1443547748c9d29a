//! How many requests a server is given at a time, and who waits for the next place.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many requests a server is given at a time by this process. Who comes first gets the next
/// place, whichever thread it waits on.
#[derive(Debug, Default)]
pub(crate) struct Places {
    /// Whether there is a bound, for a look without the lock.
    bounded: AtomicBool,
    bound: Mutex<Option<Arc<Bound>>>,
    waiting: AtomicU32,
}

/// A bound, and the places under it that are free.
#[derive(Debug)]
struct Bound {
    free: Arc<Semaphore>,
    max: AtomicUsize,
    /// Places that are taken and will not come back, because the bound was lowered.
    debt: AtomicUsize,
}

/// A place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    /// None when there is no bound.
    held: Option<(OwnedSemaphorePermit, Arc<Bound>)>,
}

impl Places {
    /// Bounds the requests that begin from now on to `max`, or lets in as many as come.
    pub(crate) fn set(&self, max: Option<usize>) {
        let mut bound = self.bound.lock().unwrap_or_else(PoisonError::into_inner);
        match (bound.as_ref(), max) {
            (Some(bound), Some(max)) => bound.resize(max),
            (None, Some(max)) => *bound = Some(Arc::new(Bound::new(max))),
            (Some(gone), None) => {
                // Whoever waits goes on without a place.
                gone.free.close();
                *bound = None;
            }
            (None, None) => {}
        }
        self.bounded.store(bound.is_some(), Ordering::Release);
    }

    /// Whether all places are taken.
    pub(crate) fn are_taken(&self) -> bool {
        self.bound().is_some_and(|bound| bound.free.available_permits() == 0)
    }

    /// A place, if there is one now.
    pub(crate) fn take(&self) -> Option<Place> {
        let Some(bound) = self.bound() else { return Some(Place { held: None }) };
        let permit = Arc::clone(&bound.free).try_acquire_owned().ok()?;
        Some(Place { held: Some((permit, bound)) })
    }

    /// A place, as soon as there is one.
    pub(crate) async fn wait(&self) -> Place {
        let Some(bound) = self.bound() else { return Place { held: None } };
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        let permit = Arc::clone(&bound.free).acquire_owned().await;
        // Closed: there is no bound any more.
        Place { held: permit.ok().map(|permit| (permit, bound)) }
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }

    fn bound(&self) -> Option<Arc<Bound>> {
        if !self.bounded.load(Ordering::Acquire) {
            return None;
        }
        self.bound.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Bound {
    fn new(max: usize) -> Self {
        let max = max.min(Semaphore::MAX_PERMITS);
        let free = Arc::new(Semaphore::new(max));
        Self { free, max: AtomicUsize::new(max), debt: AtomicUsize::new(0) }
    }

    /// Only called under the lock, so that one change is over before the next begins.
    fn resize(&self, max: usize) {
        let max = max.min(Semaphore::MAX_PERMITS);
        let before = self.max.swap(max, Ordering::Relaxed);
        if let Some(fewer) = before.checked_sub(max) {
            let gone = self.free.forget_permits(fewer);
            self.debt.fetch_add(fewer.saturating_sub(gone), Ordering::AcqRel);
        } else {
            let more = max.saturating_sub(before);
            let paid = self.pay(more);
            self.free.add_permits(more.saturating_sub(paid));
        }
    }

    /// Takes up to `most` off the debt; returns how much.
    fn pay(&self, most: usize) -> usize {
        let less = |debt: usize| Some(debt.saturating_sub(most)).filter(|less| *less < debt);
        match self.debt.fetch_update(Ordering::AcqRel, Ordering::Acquire, less) {
            Ok(debt) => debt.min(most),
            Err(_) => 0,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some((permit, bound)) = self.held.take()
            && bound.pay(1) == 1
        {
            permit.forget();
        }
    }
}

struct Waiting<'w>(&'w AtomicU32);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    #[test]
    fn the_bound_holds_on_both_sides() {
        let places = Places::default();
        places.set(Some(2));
        let first = places.take().unwrap();
        assert!(!places.are_taken());
        let _second = places.take().unwrap();
        assert!(places.are_taken() && places.take().is_none());
        let mut third = pin!(places.wait());
        assert!(poll(third.as_mut()).is_none());
        assert_eq!(places.waiting(), 1);
        drop(first);
        assert!(poll(third.as_mut()).is_some());
        assert_eq!(places.waiting(), 0);
    }

    #[test]
    fn whoever_gives_up_waiting_takes_no_place_along() {
        let places = Places::default();
        places.set(Some(1));
        let first = places.take().unwrap();
        {
            let mut waiting = pin!(places.wait());
            assert!(poll(waiting.as_mut()).is_none());
        }
        drop(first);
        assert_eq!(places.waiting(), 0);
        assert!(places.take().is_some());
    }

    #[test]
    fn a_lower_bound_holds_as_soon_as_the_surplus_has_left() {
        let places = Places::default();
        places.set(Some(3));
        let mut held: Vec<Place> = (0..3).filter_map(|_| places.take()).collect();
        places.set(Some(1));
        for _ in 0..2 {
            held.pop();
            assert!(places.take().is_none());
        }
        held.pop();
        assert!(places.take().is_some());
        // Raised again while there is debt.
        let _held: Vec<Place> = places.take().into_iter().collect();
        places.set(Some(0));
        places.set(Some(2));
        assert!(places.take().is_some());
        let _second = places.take().unwrap();
        assert!(places.take().is_none());
    }

    #[test]
    fn without_a_bound_everybody_is_let_in() {
        let places = Places::default();
        let all: Vec<Place> = (0..9).filter_map(|_| places.take()).collect();
        assert_eq!(all.len(), 9);
        places.set(Some(1));
        let _one = places.take().unwrap();
        let mut waiting = pin!(places.wait());
        assert!(poll(waiting.as_mut()).is_none());
        places.set(None);
        assert!(poll(waiting.as_mut()).is_some());
        assert!(!places.are_taken());
    }
}
