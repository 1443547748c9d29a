//! The places of a listener, of which the longest idle connection loses its own to a new one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};

/// The places of a listener: so many connections there may be. When all are taken, whoever has
/// been silent for the longest time goes, so that nobody can keep others out by doing nothing.
#[derive(Debug)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    /// Those that have no request now, the longest silent first; they go when the sender does.
    idle: RefCell<BTreeMap<u64, oneshot::Sender<()>>>,
    next: Cell<u64>,
    /// Another one has fallen silent.
    fell_silent: Notify,
    /// One that was to go has gone, or got a request in that very moment and stays.
    heard: Notify,
}

/// The place of one connection.
#[derive(Debug)]
pub(crate) struct Place {
    places: Rc<Places>,
    /// None when it is not one of those that are counted, which never happens.
    _permit: Option<OwnedSemaphorePermit>,
}

/// A connection that has no whole request now.
#[derive(Debug)]
pub(crate) struct Idle {
    places: Rc<Places>,
    number: u64,
    dismissed: oneshot::Receiver<()>,
}

impl Places {
    /// So many places, all of them free.
    pub(crate) fn new(count: usize) -> Rc<Self> {
        Rc::new(Self {
            free: Arc::new(Semaphore::new(count)),
            idle: RefCell::default(),
            next: Cell::default(),
            fell_silent: Notify::new(),
            heard: Notify::new(),
        })
    }

    /// A place for a connection that has come, as soon as there is one.
    pub(crate) async fn take(self: &Rc<Self>) -> Place {
        let permit = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => Some(permit),
            Err(_) => self.wait().await,
        };
        Place { places: Rc::clone(self), _permit: permit }
    }

    async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        loop {
            let dismissed = self.idle.borrow_mut().pop_first().is_some();
            let news = if dismissed { &self.heard } else { &self.fell_silent };
            tokio::select! {
                biased;
                // The semaphore is never closed.
                permit = Arc::clone(&self.free).acquire_owned() => return permit.ok(),
                () = news.notified() => {}
            }
        }
    }
}

impl Place {
    /// The connection has no whole request now, until this is dropped.
    pub(crate) fn idle(&self) -> Idle {
        let places = Rc::clone(&self.places);
        let number = places.next.get();
        places.next.set(number.wrapping_add(1));
        let (sender, dismissed) = oneshot::channel();
        places.idle.borrow_mut().insert(number, sender);
        places.fell_silent.notify_waiters();
        Idle { places, number, dismissed }
    }
}

impl Idle {
    /// Returns when the place is wanted for somebody else.
    pub(crate) async fn dismissed(&mut self) {
        // It never gets a word: the other end goes.
        let _ = (&mut self.dismissed).await;
    }
}

impl Drop for Idle {
    fn drop(&mut self) {
        let was_dismissed = self.places.idle.borrow_mut().remove(&self.number).is_none();
        if was_dismissed {
            self.places.heard.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    /// What a look at a future says.
    fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn the_longest_silent_goes_and_nobody_who_is_being_answered() {
        let places = Places::new(2);
        let (first, second) = (places.take().await, places.take().await);
        let mut third = Box::pin(places.take());
        assert!(poll_once(third.as_mut()).is_pending(), "both are being answered");
        let mut of_second = second.idle();
        assert!(poll_once(third.as_mut()).is_pending(), "it has not gone yet");
        of_second.dismissed().await;
        drop(of_second);
        drop(second);
        let Poll::Ready(third) = poll_once(third.as_mut()) else { panic!("there is a place") };
        let (mut of_third, mut of_first) = (third.idle(), first.idle());
        let mut fourth = Box::pin(places.take());
        assert!(poll_once(fourth.as_mut()).is_pending());
        of_third.dismissed().await;
        assert!(poll_once(Box::pin(of_first.dismissed()).as_mut()).is_pending());
        // The third has got a request in that very moment and stays, so the next one goes.
        drop(of_third);
        assert!(poll_once(fourth.as_mut()).is_pending());
        of_first.dismissed().await;
    }
}
