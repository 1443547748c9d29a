//! Lets only a few steps of bodies pass in each turn of a thread.
//!
//! A thread serves whoever is ready in the order in which they became ready. Two thousand bodies
//! that come in drops, all at the same moment, would stand before everybody who has a short
//! question: each drop is read, sent on and waited for like a whole request. Behind a turnstile
//! a few of them take their step, then the thread looks at its sockets, serves everybody else who is
//! ready, and lets the next ones pass. A body that comes alone never notices.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// How many steps pass in a turn at least: of small drops, a fifth of a millisecond's work.
pub const PASSES: u32 = 16;

/// Which part of those who wait passes in a turn at least. Where a turn is long because a thousand
/// others are served in it, bodies should not be the only ones who pay for that.
const PART: usize = 32;

/// The turnstile of one worker thread.
#[derive(Debug)]
pub struct Turnstile {
    /// Steps that may still be taken in this turn.
    left: Cell<u32>,
    queue: RefCell<Queue>,
    /// Who turns it, while there is nothing to turn.
    turner: RefCell<Option<Waker>>,
}

/// Whoever waits, in the order in which they came.
#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waker>,
    /// The ticket of the first of them; all before it may pass.
    first: u64,
}

/// The place of one body before the turnstile.
#[derive(Debug)]
pub struct Visitor {
    turnstile: Rc<Turnstile>,
    ticket: Option<u64>,
}

impl Default for Turnstile {
    fn default() -> Self {
        Self { left: Cell::new(PASSES), queue: RefCell::default(), turner: RefCell::default() }
    }
}

impl Turnstile {
    /// A place for one body.
    #[must_use]
    pub fn visitor(self: &Rc<Self>) -> Visitor {
        Visitor { turnstile: Rc::clone(self), ticket: None }
    }

    /// Turns for as long as the worker lives.
    pub async fn run(self: Rc<Self>) {
        loop {
            self.used_up().await;
            // The runtime looks at its sockets before it comes back to whoever yields.
            tokio::task::yield_now().await;
            self.turn();
        }
    }

    /// Waits until no step may be taken any more.
    async fn used_up(&self) {
        poll_fn(|context| {
            if self.left.get() == 0 {
                return Poll::Ready(());
            }
            self.turner.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// Everybody else was served: the first of those who wait may pass, and as many more as there is
    /// room for.
    fn turn(&self) {
        let next: Vec<Waker> = {
            let mut queue = self.queue.borrow_mut();
            let waiting = queue.waiting.len();
            let count = waiting.min((waiting / PART).max(PASSES as usize));
            queue.first += count as u64;
            queue.waiting.drain(..count).collect()
        };
        let taken = u32::try_from(next.len()).unwrap_or(PASSES);
        self.left.set(PASSES.saturating_sub(taken));
        // Woken outside the borrow: a waker may run what looks at the queue.
        next.into_iter().for_each(Waker::wake);
    }

    /// Somebody who was let in had nothing to do: the next one may.
    fn give_back(&self) {
        let next = {
            let mut queue = self.queue.borrow_mut();
            let next = queue.waiting.pop_front();
            queue.first += u64::from(next.is_some());
            next
        };
        match next {
            Some(next) => next.wake(),
            None => self.left.set((self.left.get() + 1).min(PASSES)),
        }
    }

    fn take(&self) {
        let left = self.left.get().saturating_sub(1);
        self.left.set(left);
        if left == 0
            && let Some(turner) = self.turner.take()
        {
            turner.wake();
        }
    }
}

impl Visitor {
    /// One step of a body: what `step` does, as soon as it may be tried. Only a step that did
    /// something counts.
    pub fn poll_step<T>(
        &mut self,
        context: &mut Context<'_>,
        step: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let paid = match self.ticket {
            Some(ticket) if !self.has_come(ticket, context) => return Poll::Pending,
            Some(_) => true,
            None if self.turnstile.left.get() == 0 => {
                self.ticket = Some(self.queue_up(context));
                return Poll::Pending;
            }
            None => false,
        };
        self.ticket = None;
        let done = step(context);
        match (done.is_ready(), paid) {
            (true, false) => self.turnstile.take(),
            (false, true) => self.turnstile.give_back(),
            _ => {}
        }
        done
    }

    /// Whether it waits for its turn, and not for what `step` waits for.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.ticket.is_some()
    }

    /// Whether those with this ticket may pass.
    fn has_come(&self, ticket: u64, context: &Context<'_>) -> bool {
        let mut queue = self.turnstile.queue.borrow_mut();
        let Some(before) = ticket.checked_sub(queue.first) else {
            return true;
        };
        let place = usize::try_from(before).unwrap_or(usize::MAX);
        if let Some(waker) = queue.waiting.get_mut(place) {
            waker.clone_from(context.waker());
        }
        false
    }

    fn queue_up(&self, context: &Context<'_>) -> u64 {
        let mut queue = self.turnstile.queue.borrow_mut();
        let ticket = queue.first + queue.waiting.len() as u64;
        queue.waiting.push_back(context.waker().clone());
        ticket
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn step(visitor: &mut Visitor) -> Poll<()> {
        visitor.poll_step(&mut Context::from_waker(Waker::noop()), |_| Poll::Ready(()))
    }

    #[test]
    fn so_many_pass_at_a_time_in_the_order_in_which_they_came() {
        let turnstile = Rc::new(Turnstile::default());
        let mut visitors: Vec<Visitor> = (0..40).map(|_| turnstile.visitor()).collect();
        let mut passed: Vec<usize> = Vec::new();
        for turn in 1..=3 {
            // Whoever is asked first in this turn came last in the turn before.
            for (number, visitor) in visitors.iter_mut().enumerate().rev() {
                if !passed.contains(&number) && step(visitor).is_ready() {
                    passed.push(number);
                }
            }
            assert_eq!(passed.len(), (turn * PASSES as usize).min(40));
            turnstile.turn();
        }
        let order: Vec<usize> = passed.chunks(16).flat_map(|turn| turn.iter().copied()).collect();
        assert_eq!(order, (0..40).rev().collect::<Vec<_>>());
    }

    #[test]
    fn a_step_that_does_nothing_costs_nobody_a_pass() {
        let turnstile = Rc::new(Turnstile::default());
        let mut idle = turnstile.visitor();
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..100 {
            assert!(idle.poll_step(&mut context, |_| Poll::<()>::Pending).is_pending());
        }
        assert_eq!(turnstile.left.get(), PASSES);
    }

    #[test]
    fn whoever_asks_twice_waits_once() {
        let turnstile = Rc::new(Turnstile::default());
        let mut first = turnstile.visitor();
        (0..PASSES).for_each(|_| assert!(step(&mut first).is_ready()));
        assert!(step(&mut first).is_pending() && step(&mut first).is_pending());
        assert_eq!(turnstile.queue.borrow().waiting.len(), 1);
        turnstile.turn();
        assert_eq!(turnstile.left.get(), PASSES - 1);
        // Its pass was counted when it was let in.
        assert!(step(&mut first).is_ready());
        assert_eq!(turnstile.left.get(), PASSES - 1);
    }

    #[test]
    fn whoever_was_let_in_and_has_nothing_to_do_lets_the_next_one_in() {
        let turnstile = Rc::new(Turnstile::default());
        let mut busy = turnstile.visitor();
        (0..PASSES).for_each(|_| assert!(step(&mut busy).is_ready()));
        let mut idle: Vec<Visitor> = (0..PASSES).map(|_| turnstile.visitor()).collect();
        idle.iter_mut().for_each(|one| assert!(step(one).is_pending()));
        assert!(step(&mut busy).is_pending());
        turnstile.turn();
        assert!(step(&mut busy).is_pending(), "it came as the seventeenth");
        let mut context = Context::from_waker(Waker::noop());
        assert!(idle[0].poll_step(&mut context, |_| Poll::<()>::Pending).is_pending());
        assert!(step(&mut busy).is_ready());
        // Nobody waits any more: it is kept for the next one.
        assert!(idle[1].poll_step(&mut context, |_| Poll::<()>::Pending).is_pending());
        assert!(step(&mut busy).is_ready());
    }

    #[test]
    fn of_very_many_more_pass_in_a_turn() {
        let turnstile = Rc::new(Turnstile::default());
        let mut visitors: Vec<Visitor> = (0..3216).map(|_| turnstile.visitor()).collect();
        let passed =
            visitors.iter_mut().filter_map(|one| step(one).is_ready().then_some(())).count();
        assert_eq!(passed, 16);
        turnstile.turn();
        assert_eq!(turnstile.queue.borrow().waiting.len(), 3100);
    }

    #[test]
    fn whoever_goes_away_while_waiting_holds_up_nobody() {
        let turnstile = Rc::new(Turnstile::default());
        let mut first = turnstile.visitor();
        (0..PASSES).for_each(|_| assert!(step(&mut first).is_ready()));
        let mut gone = turnstile.visitor();
        let mut stays = turnstile.visitor();
        assert!(step(&mut gone).is_pending() && step(&mut stays).is_pending());
        drop(gone);
        turnstile.turn();
        assert!(step(&mut stays).is_ready());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn it_turns_as_long_as_somebody_waits() {
        tokio::task::LocalSet::new()
            .run_until(async {
                let turnstile = Rc::new(Turnstile::default());
                tokio::task::spawn_local(Rc::clone(&turnstile).run());
                let tasks: Vec<_> = (0..100)
                    .map(|_| {
                        let mut visitor = turnstile.visitor();
                        tokio::task::spawn_local(async move {
                            for _ in 0..5 {
                                poll_fn(|context| visitor.poll_step(context, |_| Poll::Ready(())))
                                    .await;
                            }
                        })
                    })
                    .collect();
                for task in tasks {
                    task.await.unwrap();
                }
            })
            .await;
    }

    #[tokio::test(flavor = "current_thread")]
    async fn who_comes_after_a_thousand_drops_waits_for_a_few_of_them() {
        let steps = Rc::new(Cell::new(0));
        let counted = Rc::clone(&steps);
        let bodies = async move {
            let turnstile = Rc::new(Turnstile::default());
            let turner = tokio::task::spawn_local(Rc::clone(&turnstile).run());
            let (mut question, mut asked) = tokio::net::UnixStream::pair().unwrap();
            let seen = Rc::clone(&counted);
            let answer = tokio::task::spawn_local(async move {
                asked.read_u8().await.unwrap();
                seen.get()
            });
            // It waits for its byte now.
            tokio::task::yield_now().await;
            for _ in 0..1000 {
                let (mut visitor, counted) = (turnstile.visitor(), Rc::clone(&counted));
                tokio::task::spawn_local(async move {
                    poll_fn(|context| visitor.poll_step(context, |_| Poll::Ready(()))).await;
                    counted.set(counted.get() + 1);
                });
            }
            question.write_u8(0).await.unwrap();
            let before = answer.await.unwrap();
            turner.abort();
            before
        };
        let before: u32 = tokio::task::LocalSet::new().run_until(bodies).await;
        assert!(before <= 4 * PASSES, "{before} of 1000 were served before");
        assert!(steps.get() < 1000);
    }
}
