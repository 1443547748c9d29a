//! Goes through all states.

use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use stateright::{Checker, Model, Property};

use crate::budget::Budget;
use crate::ring::{Choice, Ring};

/// What came of it.
#[derive(Debug)]
pub(crate) struct Found {
    /// How many different states there are.
    pub(crate) states: usize,
    /// What is wrong, and how it comes to that.
    pub(crate) wrong: Vec<String>,
}

/// A state, known by a number made of everything in it.
#[derive(Debug, Clone)]
struct Known {
    ring: Arc<Ring>,
    digest: u64,
}

impl Hash for Known {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Known {
    fn of(ring: Ring) -> Self {
        let mut digest = Digest(DefaultHasher::new());
        // What stands in memory, by name and value: nothing is left out.
        let _ = write!(digest, "{ring:?}");
        Self { digest: digest.0.finish(), ring: Arc::new(ring) }
    }
}

/// Takes text without keeping it.
struct Digest(DefaultHasher);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

struct Small(Budget);

impl Model for Small {
    type State = Known;
    type Action = Choice;

    fn init_states(&self) -> Vec<Known> {
        vec![Known::of(Ring::new(self.0))]
    }

    fn actions(&self, state: &Known, actions: &mut Vec<Choice>) {
        actions.extend(state.ring.choices());
    }

    fn next_state(&self, state: &Known, choice: Choice) -> Option<Known> {
        Some(Known::of(state.ring.after(choice)))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("nothing is wrong", |_: &Self, known: &Known| {
            known.ring.witness.wrong.is_none()
        })]
    }
}

/// Goes through all states that there are within a budget.
pub(crate) fn explore(budget: Budget) -> Found {
    let checker = Small(budget).checker().threads(2).spawn_bfs().join();
    let wrong = checker.discoveries().into_values().map(|path| {
        let what = path.last_state().ring.witness.wrong.clone().unwrap_or_default();
        format!("{what}, after {:?}", path.into_actions())
    });
    Found { states: checker.unique_state_count(), wrong: wrong.collect() }
}
