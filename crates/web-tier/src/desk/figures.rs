//! The figures of all threads, added up.

use copal_serve::count::Count;
use copal_serve::histogram::Snapshot;

use crate::balance::record::Record;
use crate::care::rates::{Sample, ServerSample};
use crate::site::Site;
use crate::tally::{Again, Fault, ThreadTally, Unanswered};

/// What all threads counted.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) answers: [u64; 5],
    pub(crate) refused: u64,
    pub(crate) again: [u64; Again::COUNT],
    pub(crate) unanswered: [u64; Unanswered::COUNT],
    pub(crate) connections: u64,
}

impl Figures {
    pub(crate) fn of(site: &Site) -> Self {
        let mut sum = Self::default();
        for tally in site.household.tallies() {
            let ThreadTally { requests: _, answers, refused, again, unanswered, connections } =
                &*tally;
            add(&mut sum.answers, answers);
            sum.refused += refused.get();
            add(&mut sum.again, again);
            add(&mut sum.unanswered, unanswered);
            sum.connections += connections.get();
        }
        sum
    }
}

/// What all threads counted of one server.
#[derive(Debug, Default)]
pub(crate) struct ServerFigures {
    pub(crate) requests: u64,
    pub(crate) failures: [u64; Fault::COUNT],
    pub(crate) first_byte: Snapshot,
}

impl ServerFigures {
    pub(crate) fn of(record: &Record) -> Self {
        let mut sum = Self::default();
        for tally in record.tallies() {
            sum.requests += tally.requests.get();
            add(&mut sum.failures, &tally.failures);
            sum.first_byte += &tally.first_byte.snapshot();
        }
        sum
    }

    pub(crate) fn failures(&self) -> u64 {
        self.failures.iter().sum()
    }
}

/// All figures of which there are rates.
pub(crate) fn sample(site: &Site) -> Sample {
    let servers = site.clusters.iter().flat_map(|cluster| &cluster.servers);
    let servers = servers.map(|server| {
        let figures = ServerFigures::of(&server.record);
        let sample = ServerSample { requests: figures.requests, first_byte: figures.first_byte };
        (server.record.number, sample)
    });
    Sample { requests: site.household.requests(), servers: servers.collect() }
}

fn add<const N: usize>(sums: &mut [u64; N], counts: &[Count; N]) {
    for (sum, count) in sums.iter_mut().zip(counts) {
        *sum += count.get();
    }
}
