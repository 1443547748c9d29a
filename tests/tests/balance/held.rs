//! A server that holds every request until the test lets it go.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use copal_testkit::call::Call;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::step::{Step, ok};

/// The requests that are held, or were.
#[derive(Default)]
struct Holding {
    gates: Mutex<Vec<(String, Gate)>>,
    more: Condvar,
}

/// A server that answers every request with the path it was asked for, each when the test lets
/// it go.
pub(crate) struct Held {
    pub(crate) origin: Origin,
    holding: Arc<Holding>,
}

impl Held {
    pub(crate) fn start() -> Self {
        Self::start_except(|_| None)
    }

    /// Holds only those for whose path `soon` knows no answer.
    pub(crate) fn start_except(
        soon: impl Fn(&str) -> Option<Vec<Step>> + Send + Sync + 'static,
    ) -> Self {
        let holding: Arc<Holding> = Arc::default();
        let origin = Origin::start({
            let holding = Arc::clone(&holding);
            move |call| {
                let path = path(call);
                if let Some(steps) = soon(&path) {
                    return steps;
                }
                let gate = Gate::new();
                let answer = ok(&path);
                holding.gates().push((path, gate.clone()));
                holding.more.notify_all();
                vec![Step::Wait(gate), Step::Send(answer)]
            }
        });
        Self { origin, holding }
    }

    pub(crate) fn port(&self) -> u16 {
        self.origin.port()
    }

    /// Waits until so many requests have come in all.
    pub(crate) fn wait(&self, count: usize) {
        let gates = self.holding.gates();
        let few = |gates: &mut Vec<(String, Gate)>| gates.len() < count;
        let waited = self.holding.more.wait_timeout_while(gates, Origin::PATIENCE, few);
        let (gates, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        let paths: Vec<&str> = gates.iter().map(|(path, _)| path.as_str()).collect();
        assert!(!timeout.timed_out(), "it waited in vain for {count} requests; it saw {paths:?}");
    }

    /// The paths of all requests so far, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.holding.gates().iter().map(|(path, _)| path.clone()).collect()
    }

    /// Lets the requests go that came for this path.
    pub(crate) fn let_go(&self, path: &str) {
        let gates = self.holding.gates();
        let mut named = gates.iter().filter(|(own, _)| own == path).peekable();
        assert!(named.peek().is_some(), "nobody came for {path}");
        named.for_each(|(_, gate)| gate.open());
    }

    /// Lets all go that have come.
    pub(crate) fn let_all_go(&self) {
        self.holding.gates().iter().for_each(|(_, gate)| gate.open());
    }
}

impl Holding {
    fn gates(&self) -> std::sync::MutexGuard<'_, Vec<(String, Gate)>> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The path of a request, without parameters.
fn path(call: &Call) -> String {
    call.request_line().split([' ', ';']).nth(1).unwrap_or_default().to_owned()
}
