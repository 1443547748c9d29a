//! Deadlines of everything that a worker thread waits for, in one coarse list.
//!
//! A timer of the runtime costs a node in a wheel and a lock for each wait, and nearly every wait
//! ends long before its deadline. Here a wait that is ready at once costs nothing; one that is
//! not writes its deadline into a slot that its connection owns. The list is swept every
//! [`TICK`], so a deadline is met at most that much late, and never early.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

/// How often the list is swept.
pub const TICK: Duration = Duration::from_millis(100);

/// The time given ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("timed out")]
pub struct Elapsed;

/// The deadlines of one worker thread.
#[derive(Debug, Default)]
pub struct Deadlines {
    /// Ticks since the thread began.
    now: Cell<u64>,
    slots: RefCell<Vec<Slot>>,
    free: RefCell<Vec<usize>>,
}

#[derive(Debug)]
struct Slot {
    due: u64,
    waker: Option<Waker>,
}

/// A slot in the list, good for one wait at a time. Given back when dropped.
#[derive(Debug)]
pub struct Deadline {
    list: Rc<Deadlines>,
    slot: usize,
}

impl Deadlines {
    /// A slot for one wait at a time.
    #[must_use]
    pub fn slot(self: &Rc<Self>) -> Deadline {
        let mut slots = self.slots.borrow_mut();
        let slot = self.free.borrow_mut().pop().unwrap_or_else(|| {
            slots.push(Slot { due: u64::MAX, waker: None });
            slots.len() - 1
        });
        Deadline { list: Rc::clone(self), slot }
    }

    /// One tick has passed: wakes whoever waited too long. Returns how many.
    pub fn tick(&self) -> usize {
        let now = self.now.get() + 1;
        self.now.set(now);
        let due: Vec<Waker> = (self.slots.borrow_mut().iter_mut())
            .filter(|slot| slot.due <= now)
            .filter_map(|slot| slot.waker.take())
            .collect();
        // Woken outside the borrow: a waker may run what looks at the list.
        let woken = due.len();
        due.into_iter().for_each(Waker::wake);
        woken
    }

    /// Wakes everyone who waits, early: something has changed that each should look at.
    pub fn wake_all(&self) {
        let all: Vec<Waker> = (self.slots.borrow_mut().iter_mut())
            .filter(|slot| slot.due != u64::MAX)
            .filter_map(|slot| slot.waker.take())
            .collect();
        all.into_iter().for_each(Waker::wake);
    }

    /// Ticks for as long as the worker lives.
    pub async fn run(self: Rc<Self>) {
        let mut interval = tokio::time::interval(TICK);
        // After a stall no burst of ticks: a server that was stopped judges only time in which
        // it was running.
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            self.tick();
        }
    }

    /// The number of ticks so far, for measuring silence in steps of [`TICK`].
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.now.get()
    }
}

/// How many whole ticks make up at least `time`.
#[must_use]
pub fn ticks_in(time: Duration) -> u64 {
    u64::try_from(time.as_nanos().div_ceil(TICK.as_nanos())).unwrap_or(u64::MAX)
}

impl Deadline {
    /// The output of `future`, unless it takes longer than `limit`.
    ///
    /// # Errors
    /// [`Elapsed`] after `limit`, rounded up to the next tick. What the future had begun is
    /// dropped with it.
    pub async fn within<F: Future>(
        &self,
        limit: Duration,
        future: F,
    ) -> Result<F::Output, Elapsed> {
        let mut future = pin!(future);
        let mut armed = Armed { deadline: self, due: None };
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(Ok(output));
            }
            if armed.is_over(limit) {
                return Poll::Ready(Err(Elapsed));
            }
            armed.wake(context.waker());
            Poll::Pending
        })
        .await
    }

    /// The list that the slot is part of.
    #[must_use]
    pub fn list(&self) -> &Rc<Deadlines> {
        &self.list
    }

    fn arm(&self, due: u64, waker: &Waker) {
        if let Some(slot) = self.list.slots.borrow_mut().get_mut(self.slot) {
            slot.due = due;
            match &mut slot.waker {
                // Nearly always the same one, and then this copies nothing.
                Some(kept) => kept.clone_from(waker),
                none => *none = Some(waker.clone()),
            }
        }
    }

    /// The waker stays for the next wait: to give it back and to take another one would count up
    /// and down between all processors, twice for each request.
    fn disarm(&self) {
        if let Some(slot) = self.list.slots.borrow_mut().get_mut(self.slot) {
            slot.due = u64::MAX;
        }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let Some(slot) = self.list.slots.borrow_mut().get_mut(self.slot) {
            *slot = Slot { due: u64::MAX, waker: None };
        }
        self.list.free.borrow_mut().push(self.slot);
    }
}

/// A wait that has written its deadline into the list, and takes it out again when it ends.
struct Armed<'d> {
    deadline: &'d Deadline,
    due: Option<u64>,
}

impl Armed<'_> {
    fn is_over(&mut self, limit: Duration) -> bool {
        let now = self.deadline.list.now.get();
        // The present tick is partly over already, hence one more.
        let due = *self.due.get_or_insert_with(|| now.saturating_add(ticks_in(limit) + 1));
        now >= due
    }

    fn wake(&self, waker: &Waker) {
        self.deadline.arm(self.due.unwrap_or(u64::MAX), waker);
    }
}

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        if self.due.is_some() {
            self.deadline.disarm();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use std::task::Context;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_wait_ends_neither_early_nor_more_than_a_tick_late() {
        let list = Rc::new(Deadlines::default());
        let slot = list.slot();
        let mut wait = pin!(slot.within(TICK * 3, pending::<()>()));
        assert!(poll(wait.as_mut()).is_pending());
        for tick in 1..=3 {
            assert_eq!(list.tick(), 0, "woken too early, at tick {tick}");
            assert!(poll(wait.as_mut()).is_pending());
        }
        assert_eq!(list.tick(), 1);
        assert_eq!(poll(wait.as_mut()), Poll::Ready(Err(Elapsed)));
    }

    #[test]
    fn a_wait_that_is_ready_at_once_leaves_no_trace() {
        let list = Rc::new(Deadlines::default());
        let slot = list.slot();
        assert_eq!(poll(pin!(slot.within(TICK, ready(7)))), Poll::Ready(Ok(7)));
        assert!(list.slots.borrow().iter().all(|slot| slot.waker.is_none()));
    }

    #[test]
    fn a_wait_that_was_dropped_is_forgotten() {
        let list = Rc::new(Deadlines::default());
        let slot = list.slot();
        {
            let mut wait = Box::pin(slot.within(TICK, pending::<()>()));
            assert!(poll(wait.as_mut()).is_pending());
        }
        assert_eq!((0..5).map(|_| list.tick()).sum::<usize>(), 0);
    }

    #[test]
    fn slots_are_used_again() {
        let list = Rc::new(Deadlines::default());
        drop(list.slot());
        let _again = list.slot();
        assert_eq!(list.slots.borrow().len(), 1);
    }

    #[test]
    fn part_of_a_tick_counts_as_a_whole_one() {
        assert_eq!(ticks_in(Duration::ZERO), 0);
        assert_eq!(ticks_in(Duration::from_millis(1)), 1);
        assert_eq!(ticks_in(Duration::from_millis(100)), 1);
        assert_eq!(ticks_in(Duration::from_millis(101)), 2);
    }
}
