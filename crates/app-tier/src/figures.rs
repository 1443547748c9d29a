//! What the threads of a server have counted.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use copal_serve::count::Count;
use copal_serve::histogram::{Histogram, Snapshot};
use http::StatusCode;

use crate::entrance::Audience;
use crate::recent::Recent;

/// Status classes, from 1xx to 5xx.
pub(crate) const CLASSES: usize = 5;

/// What one thread has counted. Only that thread writes.
#[derive(Debug)]
pub(crate) struct Figures {
    /// When the server began.
    began: Instant,
    requests: Count,
    answered: [Count; CLASSES],
    unanswered: Count,
    refused: Count,
    durations: Histogram,
    recent: Recent,
    public: Doorstep,
    cluster: Doorstep,
    tunnels: Doorstep,
    expired: Count,
}

/// The connections of listeners of one kind.
#[derive(Debug, Default)]
struct Doorstep {
    opened: Count,
    closed: Count,
}

/// What all threads of a server have counted. Clones are the same.
#[derive(Debug, Clone)]
pub(crate) struct AllFigures {
    began: Instant,
    threads: Arc<Mutex<Vec<Arc<Figures>>>>,
}

/// A look at them, added up.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    /// Seconds since the server began.
    pub(crate) uptime: u64,
    /// Requests that reached their exchange.
    pub(crate) requests: u64,
    /// Those of them that were answered, by class, and left.
    pub(crate) answered: [u64; CLASSES],
    /// Those whose client was gone before there was an answer.
    pub(crate) unanswered: u64,
    /// Requests whose head was refused.
    pub(crate) refused: u64,
    /// From the head to the last byte of the answer.
    pub(crate) durations: Snapshot,
    /// Requests of the last ten seconds.
    pub(crate) recent: u64,
    /// Connections of public listeners.
    pub(crate) public: Connections,
    /// Connections of the cluster port.
    pub(crate) cluster: Connections,
    /// Those of both that are tunnels by now.
    pub(crate) tunnels: Connections,
    /// Sessions that ended because their time was over.
    pub(crate) expired: u64,
}

/// The connections of listeners of one kind.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Connections {
    /// Open now.
    pub(crate) open: u64,
    /// Taken so far.
    pub(crate) taken: u64,
}

impl AllFigures {
    /// Of a server that begins now.
    pub(crate) fn new(began: Instant) -> Self {
        Self { began, threads: Arc::default() }
    }

    /// For one more thread.
    pub(crate) fn of_thread(&self) -> Arc<Figures> {
        let figures = Arc::new(Figures::new(self.began));
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.push(Arc::clone(&figures));
        figures
    }

    /// A look at all of them.
    pub(crate) fn totals(&self, now: Instant) -> Totals {
        let uptime = now.saturating_duration_since(self.began).as_secs();
        let mut totals = Totals { uptime, ..Totals::default() };
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        threads.iter().for_each(|figures| figures.add_to(&mut totals));
        totals
    }
}

impl Totals {
    /// Requests that are being answered. What ended meanwhile was counted before what began.
    pub(crate) fn in_flight(&self) -> u64 {
        let ended = self.answered.iter().sum::<u64>() + self.unanswered;
        self.requests.saturating_sub(ended)
    }
}

impl Figures {
    fn new(began: Instant) -> Self {
        Self {
            began,
            requests: Count::new(),
            answered: std::array::from_fn(|_| Count::new()),
            unanswered: Count::new(),
            refused: Count::new(),
            durations: Histogram::default(),
            recent: Recent::default(),
            public: Doorstep::default(),
            cluster: Doorstep::default(),
            tunnels: Doorstep::default(),
            expired: Count::new(),
        }
    }

    /// A request begins.
    pub(crate) fn begin(&self, now: Instant) {
        self.requests.add(1);
        self.recent.record(now.saturating_duration_since(self.began).as_secs());
    }

    /// A request that began at `began` is done with; `answer` is what left for its client.
    pub(crate) fn end(&self, began: Instant, now: Instant, answer: Option<StatusCode>) {
        let Some(status) = answer else { return self.unanswered.add(1) };
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(class) = self.answered.get(class.min(CLASSES - 1)) {
            class.add(1);
        }
        let took = now.saturating_duration_since(began).as_micros();
        self.durations.record(u64::try_from(took).unwrap_or(u64::MAX));
    }

    /// A head was refused.
    pub(crate) fn refuse(&self) {
        self.refused.add(1);
    }

    /// So many sessions have ended because their time was over.
    pub(crate) fn expire(&self, sessions: usize) {
        self.expired.add(u64::try_from(sessions).unwrap_or(0));
    }

    fn doorstep(&self, audience: Audience) -> &Doorstep {
        match audience {
            Audience::Public => &self.public,
            Audience::Cluster => &self.cluster,
        }
    }

    fn add_to(&self, totals: &mut Totals) {
        for (total, count) in totals.answered.iter_mut().zip(&self.answered) {
            *total += count.get();
        }
        totals.unanswered += self.unanswered.get();
        totals.requests += self.requests.get();
        totals.refused += self.refused.get();
        totals.durations += &self.durations.snapshot();
        totals.recent += self.recent.count(totals.uptime);
        totals.public.add(&self.public);
        totals.cluster.add(&self.cluster);
        totals.tunnels.add(&self.tunnels);
        totals.expired += self.expired.get();
    }
}

/// A connection that is open, until dropped.
#[derive(Debug)]
pub(crate) struct Open {
    figures: Arc<Figures>,
    audience: Audience,
}

impl Open {
    /// A connection was taken.
    pub(crate) fn begin(figures: &Arc<Figures>, audience: Audience) -> Self {
        figures.doorstep(audience).opened.add(1);
        Self { figures: Arc::clone(figures), audience }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.figures.doorstep(self.audience).closed.add(1);
    }
}

/// A connection that is a tunnel, until dropped.
#[derive(Debug)]
pub(crate) struct Tunnel<'f>(&'f Figures);

impl<'f> Tunnel<'f> {
    /// A connection has become one.
    pub(crate) fn begin(figures: &'f Figures) -> Self {
        figures.tunnels.opened.add(1);
        Self(figures)
    }
}

impl Drop for Tunnel<'_> {
    fn drop(&mut self) {
        self.0.tunnels.closed.add(1);
    }
}

impl Connections {
    fn add(&mut self, doorstep: &Doorstep) {
        let closed = doorstep.closed.get();
        let opened = doorstep.opened.get();
        self.open += opened.saturating_sub(closed);
        self.taken += opened;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[expect(clippy::disallowed_methods, reason = "an instant to count from; its value is nothing")]
    fn some_time() -> Instant {
        Instant::now()
    }

    #[test]
    fn the_counts_of_all_threads_add_up() {
        let began = some_time();
        let all = AllFigures::new(began);
        let (one, other) = (all.of_thread(), all.of_thread());
        let at = |millis| began + Duration::from_millis(millis);
        for (figures, answer) in [
            (&one, Some(StatusCode::OK)),
            (&other, Some(StatusCode::NO_CONTENT)),
            (&other, Some(StatusCode::NOT_FOUND)),
            (&one, Some(StatusCode::from_u16(999).unwrap())),
            (&one, None),
        ] {
            figures.begin(at(100));
            figures.end(at(100), at(102), answer);
        }
        one.begin(at(200));
        other.refuse();
        let audiences = [Audience::Public, Audience::Cluster];
        let _open = audiences.map(|audience| Open::begin(&one, audience));
        drop(Open::begin(&one, Audience::Public));
        other.expire(3);
        let totals = all.totals(at(5000));
        assert_eq!(totals.answered, [0, 2, 0, 1, 1]);
        assert_eq!((totals.unanswered, totals.refused, totals.requests), (1, 1, 6));
        assert_eq!((totals.in_flight(), totals.recent, totals.uptime), (1, 6, 5));
        assert_eq!((totals.public.open, totals.public.taken), (1, 2));
        assert_eq!((totals.cluster.open, totals.cluster.taken), (1, 1));
        assert_eq!(totals.expired, 3);
        assert_eq!((totals.durations.count(), totals.durations.sum_micros()), (4, 8000));
    }
}
