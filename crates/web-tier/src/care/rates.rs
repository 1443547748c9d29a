//! What happened lately, from what happened in all.

use std::collections::{HashMap, VecDeque};

use copal_serve::histogram::Snapshot;

/// How many seconds are lately.
const SECONDS: usize = 10;

/// What happened lately, from what happened in all: a sample each second.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    samples: VecDeque<Sample>,
}

/// Figures since the process began.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sample {
    /// Requests of all kinds.
    pub(crate) requests: u64,
    /// By the numbers of the servers' records.
    pub(crate) servers: HashMap<usize, ServerSample>,
}

/// Figures of one server since it has its record.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerSample {
    pub(crate) requests: u64,
    pub(crate) first_byte: Snapshot,
}

impl Rates {
    /// Takes in the sample of this second.
    pub(crate) fn second(&mut self, sample: Sample) {
        self.samples.push_back(sample);
        while self.samples.len() > SECONDS + 1 {
            self.samples.pop_front();
        }
    }

    /// Requests per second.
    pub(crate) fn requests(&self) -> f64 {
        self.per_second(|sample| sample.requests)
    }

    /// Requests per second to the server with this record.
    pub(crate) fn of_server(&self, number: usize) -> f64 {
        self.per_second(|sample| sample.servers.get(&number).map_or(0, |server| server.requests))
    }

    /// How long the latest answers of the server with this record took to begin.
    pub(crate) fn first_byte(&self, number: usize) -> Snapshot {
        let at = |sample: Option<&Sample>| {
            let server = sample.and_then(|sample| sample.servers.get(&number));
            server.map(|server| server.first_byte.clone()).unwrap_or_default()
        };
        at(self.samples.back()).since(&at(self.samples.front()))
    }

    fn per_second(&self, figure: impl Fn(&Sample) -> u64) -> f64 {
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else {
            return 0.0;
        };
        let seconds = u32::try_from(self.samples.len().saturating_sub(1)).unwrap_or(0).max(1);
        let more = figure(last).saturating_sub(figure(first));
        f64::from(u32::try_from(more).unwrap_or(u32::MAX)) / f64::from(seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_ten_seconds_count() {
        let mut rates = Rates::default();
        assert!(rates.requests().abs() < f64::EPSILON);
        for requests in (0..=20).map(|second| second * second) {
            rates.second(Sample { requests, servers: HashMap::new() });
        }
        // From 10² to 20² in ten seconds.
        assert!((rates.requests() - 30.0).abs() < 1e-9);
        assert!(rates.of_server(7).abs() < f64::EPSILON);
    }

    #[test]
    fn one_sample_says_nothing() {
        let mut rates = Rates::default();
        rates.second(Sample { requests: 1000, servers: HashMap::new() });
        assert!(rates.requests().abs() < f64::EPSILON);
    }
}
