//! The connections of a worker, and how they are sent away when the server stops.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use copal_serve::drain::{Drain, Phase};

use crate::conversation::Conversation;
use crate::entrance::Audience;
use crate::limits;

/// The connections of a worker.
#[derive(Debug, Default)]
pub(crate) struct Guests {
    present: RefCell<HashMap<u64, (Audience, Conversation)>>,
    next: Cell<u64>,
}

/// One of them, until dropped.
#[derive(Debug)]
pub(crate) struct Guest {
    guests: Rc<Guests>,
    number: u64,
}

impl Guests {
    /// One more.
    pub(crate) fn enter(self: &Rc<Self>, audience: Audience, talk: &Conversation) -> Guest {
        let number = self.next.get();
        self.next.set(number + 1);
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

impl Drop for Guest {
    fn drop(&mut self) {
        self.guests.present.borrow_mut().remove(&self.number);
    }
}
