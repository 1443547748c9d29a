//! How servers come to be connected, and how connections end.

use copal_replica::incarnation::Incarnation;

use crate::process::Arrival;
use crate::world::{Item, World};

impl World {
    /// Breaks the connection between two servers: each hears of it if the other's packets arrive.
    pub(crate) fn break_link(&mut self, one: usize, other: usize) {
        let Some(generation) = self.network.generation(one, other) else { return };
        self.network.close(one, other);
        for (at, of) in [(one, other), (other, one)] {
            // Who hears nothing of the other finds out after a while; what comes over another connection
            // does not wait for that.
            let when = if self.network.is_cut(of, at) {
                self.now + self.chance.of(1000..5000)
            } else {
                self.network.arrival(of, at, self.now + 2)
            };
            self.later(when, Item::Arrive(at, Arrival::Lost(of, generation)));
        }
    }

    /// Mends a cut in one direction.
    pub(crate) fn mend(&mut self, from: usize, to: usize) {
        for parcel in self.network.mend(from, to) {
            let when = self.network.arrival(from, to, self.now + 1);
            self.later(when, Item::Arrive(to, Arrival::Parcel(parcel)));
        }
    }

    /// Tries to connect to the servers to which there is no connection.
    pub(crate) fn connect(&mut self, number: usize) {
        for other in 0..self.servers.len() {
            let far = !self.network.reaches(number, other);
            if other == number || far || !self.chance.percent(25) || !self.knows(number, other) {
                continue;
            }
            let both_know = |world: &Self, generation: u64| {
                [(number, other), (other, number)].iter().all(|(at, of)| {
                    let process = world.servers[*at].process.as_ref();
                    process.is_some_and(|one| one.links.get(of) == Some(&generation))
                })
            };
            match self.network.generation(number, other) {
                Some(generation) if both_know(self, generation) => continue,
                Some(_) if self.chance.percent(90) => continue,
                _ => {}
            }
            self.dial(number, other);
        }
    }

    fn dial(&mut self, number: usize, other: usize) {
        let peer = self.servers[other].process.as_ref().map(|peer| peer.own.incarnation);
        let stopped = self.servers[other].stopped;
        let known = peer.is_none() || self.knows(other, number);
        let Some(process) = &mut self.servers[number].process else { return };
        let own = process.own.incarnation;
        match peer {
            None => process.refused(other),
            Some(_) if stopped || !known => {}
            Some(peer) => {
                let generation = self.network.open(number, other);
                for (at, of, start) in [(number, other, peer), (other, number, own)] {
                    let when = self.network.arrival(of, at, self.now + 1);
                    let met = Arrival::Met(of, generation, start);
                    self.later(when, Item::Arrive(at, met));
                }
            }
        }
    }

    /// Whether a server has another one in its table.
    fn knows(&self, number: usize, other: usize) -> bool {
        let process = self.servers[number].process.as_ref();
        process.is_some_and(|process| process.knows(other))
    }

    /// A server takes over the table as it is now, at a moment of its own.
    pub(crate) fn adopt(&mut self, number: usize) {
        let Some(process) = &mut self.servers[number].process else { return };
        if process.table_version == self.table.version || !self.more.percent(10) {
            return;
        }
        process.adopt(&self.table);
        let strangers: Vec<usize> =
            process.links.keys().copied().filter(|other| !process.knows(*other)).collect();
        self.say(|| format!("{number} has the new table"));
        strangers.into_iter().for_each(|other| self.break_link(number, other));
    }

    /// What a start sent before it ended is lost.
    pub(crate) fn is_lost(&self, incarnation: Incarnation) -> bool {
        self.lost.contains(&incarnation)
    }
}
