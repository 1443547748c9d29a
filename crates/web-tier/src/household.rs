//! What a web-tier server keeps through all readings of its configuration.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use copal_serve::connection_cap::ConnectionCap;
use copal_serve::drain::Drain;

use crate::balance::bell::Bell;
use crate::balance::budget::Budget;
use crate::balance::cluster::Course;
use crate::balance::condition::Condition;
use crate::balance::record::Record;
use crate::tally::ThreadTally;

/// What a web-tier server keeps through all readings of its configuration. Shared by all threads.
#[derive(Debug)]
pub(crate) struct Household {
    /// Its id.
    pub(crate) server: String,
    /// Its cluster.
    pub(crate) cluster: String,
    /// When the process began.
    pub(crate) epoch: Instant,
    /// Random for each process, so that the request ids of two processes differ.
    pub(crate) process_mark: u64,
    /// Random.
    pub(crate) first_turn: usize,
    pub(crate) drain: Drain,
    pub(crate) cap: ConnectionCap,
    pub(crate) bell: Bell,
    pub(crate) budget: Mutex<Budget>,
    /// Requests that were not sent again because too many were already.
    pub(crate) budget_spent: AtomicU64,
    /// The second of the process's life in which it was last said that requests go unanswered.
    complained: AtomicU64,
    next_number: AtomicUsize,
    courses: Mutex<HashMap<String, Arc<Course>>>,
    tallies: Mutex<Vec<Arc<ThreadTally>>>,
}

impl Household {
    pub(crate) fn new(beginnings: Beginnings) -> Self {
        Self {
            server: beginnings.server,
            cluster: beginnings.cluster,
            epoch: beginnings.epoch,
            process_mark: beginnings.process_mark,
            first_turn: beginnings.first_turn,
            drain: beginnings.drain,
            cap: beginnings.cap,
            bell: Bell::default(),
            budget: Mutex::default(),
            budget_spent: AtomicU64::new(0),
            complained: AtomicU64::new(u64::MAX),
            next_number: AtomicUsize::new(0),
            courses: Mutex::default(),
            tallies: Mutex::default(),
        }
    }

    /// How long the process has been running.
    pub(crate) fn age(&self) -> Duration {
        copal_serve::clock::now().saturating_duration_since(self.epoch)
    }

    /// What a server begins with that the configuration did not name before.
    pub(crate) fn record(&self, condition: Condition) -> Arc<Record> {
        Arc::new(Record::new(self.next_number.fetch_add(1, Ordering::Relaxed), condition))
    }

    /// Whether nothing was said yet in this second about requests that go unanswered.
    pub(crate) fn may_complain(&self) -> bool {
        let second = self.age().as_secs();
        self.complained.swap(second, Ordering::Relaxed) != second
    }

    /// The course of a cluster, by its name.
    pub(crate) fn course(&self, cluster: &str) -> Arc<Course> {
        let mut courses = self.courses.lock().unwrap_or_else(PoisonError::into_inner);
        let course = courses.entry(cluster.to_owned());
        Arc::clone(course.or_insert_with(|| Arc::new(Course::new(self.first_turn))))
    }

    /// A new tally, which one thread writes and everybody may read.
    pub(crate) fn tally(&self) -> Arc<ThreadTally> {
        let tally = Arc::new(ThreadTally::default());
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&tally));
        tally
    }

    /// The tallies of all threads.
    pub(crate) fn tallies(&self) -> Vec<Arc<ThreadTally>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests since the process began.
    pub(crate) fn requests(&self) -> u64 {
        let tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        tallies.iter().map(|tally| tally.requests.get()).sum()
    }

    /// Whether one more request may be sent again; if so, it is counted.
    pub(crate) fn spend(&self) -> bool {
        let requests = self.requests();
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let granted = budget.spend(requests);
        if !granted {
            self.budget_spent.fetch_add(1, Ordering::Relaxed);
        }
        granted
    }
}

/// What a [`Household`] begins with.
#[derive(Debug)]
pub(crate) struct Beginnings {
    pub(crate) server: String,
    pub(crate) cluster: String,
    pub(crate) epoch: Instant,
    pub(crate) first_turn: usize,
    pub(crate) process_mark: u64,
    pub(crate) drain: Drain,
    pub(crate) cap: ConnectionCap,
}
