//! A server that holds every request until the test lets it go.

use std::sync::{Arc, Mutex, PoisonError};

use copal_testkit::call::Call;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::step::{Step, ok};

/// A server that answers every request with the path it was asked for, each when the test lets
/// it go.
pub(crate) struct Held {
    pub(crate) origin: Origin,
    gates: Arc<Mutex<Vec<(String, Gate)>>>,
}

impl Held {
    pub(crate) fn start() -> Self {
        let gates: Arc<Mutex<Vec<(String, Gate)>>> = Arc::default();
        let origin = Origin::start({
            let gates = Arc::clone(&gates);
            move |call| {
                let gate = Gate::new();
                let path = path(call);
                let answer = ok(&path);
                let mut gates = gates.lock().unwrap_or_else(PoisonError::into_inner);
                gates.push((path, gate.clone()));
                vec![Step::Wait(gate), Step::Send(answer)]
            }
        });
        Self { origin, gates }
    }

    pub(crate) fn port(&self) -> u16 {
        self.origin.port()
    }

    /// Waits until so many requests have come in all.
    pub(crate) fn wait(&self, count: usize) {
        self.origin.wait_calls(count);
    }

    /// The paths of all requests so far, in order.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.origin.calls().iter().map(path).collect()
    }

    /// Lets the requests go that came for this path.
    pub(crate) fn let_go(&self, path: &str) {
        let gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        let mut named = gates.iter().filter(|(own, _)| own == path).peekable();
        assert!(named.peek().is_some(), "nobody came for {path}");
        named.for_each(|(_, gate)| gate.open());
    }

    /// Lets all go that have come.
    pub(crate) fn let_all_go(&self) {
        let gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.iter().for_each(|(_, gate)| gate.open());
    }
}

/// The path of a request, without parameters.
fn path(call: &Call) -> String {
    call.request_line().split([' ', ';']).nth(1).unwrap_or_default().to_owned()
}
