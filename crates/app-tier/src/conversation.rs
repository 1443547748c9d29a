//! What the filter, the exchanges and the watch of one connection tell each other.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

/// A request's number on its connection, from 1.
pub(crate) type Turn = u64;

/// What the reading side of a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Reading {
    /// Nothing: it is not waiting, or the other side is not due.
    #[default]
    Nothing,
    /// The first byte of a request.
    Request,
    /// The rest of a head.
    Head,
    /// The rest of a body.
    Body,
    /// Whether the connection becomes a tunnel.
    Decision,
    /// Anything, in a tunnel.
    Tunnel,
    /// Our own answer: the client has closed its sending half.
    Answer,
}

/// Why a connection takes no more requests, and what the client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    /// The status of the answer.
    pub(crate) status: u16,
    /// The request in which it was found; one that no exchange knows when it was in the head.
    pub(crate) turn: Turn,
    /// Whether the head of that request was good, so that its exchange answers.
    pub(crate) in_body: bool,
    /// What the client did wrong.
    pub(crate) reason: Cow<'static, str>,
}

/// A look at the state of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct State {
    /// What the reading side waits for.
    pub(crate) reading: Reading,
    /// How many times bytes came in.
    pub(crate) arrivals: u64,
    /// Bytes of bodies that came in, with the framing of their chunks.
    pub(crate) body_bytes: u64,
    /// Whether the client has not taken what we would write.
    pub(crate) stalled: bool,
    /// How many times bytes went out.
    pub(crate) departures: u64,
    /// Good heads so far.
    pub(crate) heads: Turn,
    /// Whether the body of the last of them has not come to its end.
    pub(crate) in_body: bool,
    /// Answers whose end has not left yet.
    pub(crate) owed: u64,
    /// Answers that are complete and wait to be flushed.
    pub(crate) unflushed: u64,
    /// Why there will be no more requests.
    pub(crate) ending: Option<Ending>,
    /// Reading ends as soon as no answer is owed.
    pub(crate) closing: bool,
    /// Reading ends at once.
    pub(crate) cut: bool,
    /// Whether the connection is a tunnel now.
    pub(crate) tunnel: bool,
    /// Whether the filter is gone, and the socket with it.
    pub(crate) gone: bool,
}

#[derive(Debug, Default)]
struct Inside {
    state: State,
    /// What an exchange decided about the upgrade that its request asked for.
    decision: Option<(Turn, bool)>,
    reader: Option<Waker>,
    watcher: Option<Waker>,
}

/// What the filter, the exchanges and the watch of one connection tell each other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conversation {
    inside: Arc<Mutex<Inside>>,
}

impl Conversation {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        // Every change is complete in itself, so a panic elsewhere leaves nothing half done.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How things stand.
    #[must_use]
    pub(crate) fn state(&self) -> State {
        self.lock().state.clone()
    }

    /// Changes how things stand; only for the filter.
    pub(crate) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock().state);
    }

    /// An exchange begins; it owes an answer until the owing is dropped.
    pub(crate) fn owe(&self) -> Owing {
        self.lock().state.owed += 1;
        Owing { conversation: self.clone() }
    }

    /// Everything written so far has left.
    pub(crate) fn flushed(&self) {
        let waker = {
            let mut inside = self.lock();
            let state = &mut inside.state;
            state.owed = state.owed.saturating_sub(state.unflushed);
            state.unflushed = 0;
            let at_the_end =
                state.closing || state.ending.is_some() || state.reading == Reading::Answer;
            let waiting = state.owed == 0 && at_the_end;
            inside.reader.take_if(|_| waiting)
        };
        waker.into_iter().for_each(Waker::wake);
    }

    /// The bad end that was found in the body of this request.
    #[must_use]
    pub(crate) fn bad_body(&self, turn: Turn) -> Option<Ending> {
        let inside = self.lock();
        let ending = inside.state.ending.as_ref();
        ending.filter(|ending| ending.in_body && ending.turn == turn).cloned()
    }

    /// Nothing more is read: the first reason counts.
    pub(crate) fn end(&self, ending: Ending) {
        self.lock().state.ending.get_or_insert(ending);
        self.wake_reader();
    }

    /// Reading ends as soon as no answer is owed.
    pub(crate) fn close(&self) {
        self.lock().state.closing = true;
        self.wake_reader();
    }

    /// Reading ends at once.
    pub(crate) fn cut(&self) {
        self.lock().state.cut = true;
        self.wake_reader();
    }

    /// What became of the upgrade that this request may have asked for.
    pub(crate) fn decide(&self, turn: Turn, tunnel: bool) {
        self.lock().decision = Some((turn, tunnel));
        self.wake_reader();
    }

    pub(crate) fn take_decision(&self, turn: Turn) -> Option<bool> {
        let decision = self.lock().decision.take();
        decision.filter(|(decided, _)| *decided == turn).map(|(_, tunnel)| tunnel)
    }

    /// The filter waits: for `reading`, and for whatever wakes it.
    pub(crate) fn wait(&self, reading: Reading, context: &Context<'_>) {
        let mut inside = self.lock();
        inside.state.reading = reading;
        keep(&mut inside.reader, context);
    }

    /// The filter is gone.
    pub(crate) fn leave(&self) {
        let waker = {
            let mut inside = self.lock();
            inside.state.gone = true;
            inside.watcher.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }

    /// Ready as soon as the filter is gone.
    pub(crate) fn poll_gone(&self, context: &Context<'_>) -> bool {
        let mut inside = self.lock();
        keep(&mut inside.watcher, context);
        inside.state.gone
    }

    fn wake_reader(&self) {
        let waker = self.lock().reader.take();
        waker.into_iter().for_each(Waker::wake);
    }
}

fn keep(place: &mut Option<Waker>, context: &Context<'_>) {
    match place {
        Some(waker) => waker.clone_from(context.waker()),
        None => *place = Some(context.waker().clone()),
    }
}

/// An answer that is owed, until dropped; then it waits to be flushed.
#[derive(Debug)]
pub(crate) struct Owing {
    conversation: Conversation,
}

impl Drop for Owing {
    fn drop(&mut self) {
        self.conversation.lock().state.unflushed += 1;
    }
}
