//! The connections of a worker, and how they are sent away when the server stops.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use copal_serve::drain::{Drain, Phase};

use crate::conversation::Conversation;
use crate::entrance::Audience;
use crate::limits::{self, STRANGERS};
use crate::seldom::Seldom;

/// The connections of a worker.
#[derive(Debug, Default)]
pub(crate) struct Guests {
    present: RefCell<HashMap<u64, (Audience, Conversation)>>,
    /// Those of the cluster port that have proved nothing yet, the oldest first.
    strangers: RefCell<BTreeMap<u64, Conversation>>,
    next: Cell<u64>,
}

/// One of them, until dropped.
#[derive(Debug)]
pub(crate) struct Guest {
    guests: Rc<Guests>,
    number: u64,
}

/// One of the cluster port that has proved nothing yet: until dropped.
#[derive(Debug)]
pub(crate) struct Stranger {
    guests: Rc<Guests>,
    number: u64,
}

/// That there are too many of them.
static CROWD: Seldom = Seldom::new();

impl Guests {
    /// One more that has proved nothing yet. Of too many the one that has waited longest is cut off: our
    /// own servers get in however many others come, and take only a moment to prove who they are.
    pub(crate) fn suspect(self: &Rc<Self>, talk: &Conversation) -> Stranger {
        let number = self.number();
        let mut strangers = self.strangers.borrow_mut();
        strangers.insert(number, talk.clone());
        let oldest = if strangers.len() > STRANGERS { strangers.pop_first() } else { None };
        drop(strangers);
        if let Some((_, oldest)) = oldest {
            oldest.cut();
            if let Some(left_out) = CROWD.turn(copal_serve::clock::now()) {
                tracing::warn!(
                    more_of_them = left_out,
                    "more connections than {STRANGERS} on a thread of the cluster port have not proved \
                     that they know the secret; the oldest are cut off. Let only the servers of the \
                     cluster reach this port"
                );
            }
        }
        Stranger { guests: Rc::clone(self), number }
    }

    fn number(&self) -> u64 {
        self.next.replace(self.next.get() + 1)
    }

    /// One more.
    pub(crate) fn enter(self: &Rc<Self>, audience: Audience, talk: &Conversation) -> Guest {
        let number = self.number();
        let mut present = self.present.borrow_mut();
        present.insert(number, (audience, talk.clone()));
        Guest { guests: Rc::clone(self), number }
    }

    /// Sends them away when the server stops: each as soon as no answer is owed to it.
    pub(crate) async fn see_off(self: Rc<Self>, drain: Drain) {
        drain.reached(Phase::Draining).await;
        self.close(|_, audience, talk| audience == Audience::Public && talk.state().heads > 0);
        // Whoever has just come in may have a request on the way.
        tokio::time::sleep(limits::FIRST_REQUEST).await;
        self.close(|_, audience, _| audience == Audience::Public);
        // The cluster port may be open for much longer, and others come.
        let half = limits::CLUSTER_IDLE / 2;
        tokio::time::sleep(half.saturating_sub(limits::FIRST_REQUEST)).await;
        loop {
            let next = self.next.get();
            tokio::time::sleep(half).await;
            self.close(|number, _, _| number < next);
        }
    }

    fn close(&self, which: impl Fn(u64, Audience, &Conversation) -> bool) {
        for (number, (audience, talk)) in &*self.present.borrow() {
            if which(*number, *audience, talk) {
                talk.close();
            }
        }
    }
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.guests.strangers.borrow_mut().remove(&self.number);
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.present.borrow_mut().remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_strangers_the_oldest_goes() {
        let guests = Rc::new(Guests::default());
        let talks: Vec<Conversation> = (0..=STRANGERS).map(|_| Conversation::default()).collect();
        let cut = || talks.iter().filter(|talk| talk.state().cut).count();
        let (first, others) = talks.split_first().unwrap();
        let (_second, others) = others.split_first().unwrap();
        let first_one = guests.suspect(first);
        let mut strangers: Vec<Stranger> = others.iter().map(|talk| guests.suspect(talk)).collect();
        assert_eq!((strangers.len() + 1, cut()), (STRANGERS, 0));
        // Whoever has proved who he is counts no more.
        strangers.pop();
        strangers.push(guests.suspect(&Conversation::default()));
        assert_eq!(cut(), 0);
        strangers.push(guests.suspect(&Conversation::default()));
        assert!(first.state().cut);
        assert_eq!(cut(), 1);
        drop(first_one);
        assert_eq!(guests.strangers.borrow().len(), STRANGERS);
    }
}
