//! Which servers the cluster has, and under which letters.

use std::collections::{BTreeMap, BTreeSet};

/// The table of servers as the operator wants it. Each server takes it over at a moment of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    /// The servers by their numbers, with their letters.
    entries: BTreeMap<usize, usize>,
    /// Letters that were ever somebody's.
    used: BTreeSet<usize>,
    /// Goes up with each change.
    pub(crate) version: u64,
}

impl Table {
    /// So many servers, each under the letter of its number.
    pub(crate) fn new(servers: usize) -> Self {
        let entries: BTreeMap<usize, usize> = (0..servers).map(|number| (number, number)).collect();
        Self { used: entries.values().copied().collect(), entries, version: 0 }
    }

    /// The servers in it.
    pub(crate) fn servers(&self) -> impl Iterator<Item = usize> {
        self.entries.keys().copied()
    }

    pub(crate) fn lists(&self, number: usize) -> bool {
        self.entries.contains_key(&number)
    }

    pub(crate) fn letter(&self, number: usize) -> Option<usize> {
        self.entries.get(&number).copied()
    }

    /// The server that a letter names.
    pub(crate) fn at(&self, letter: usize) -> Option<usize> {
        self.entries.iter().find(|(_, at)| **at == letter).map(|(number, _)| *number)
    }

    /// One more server, under a letter that was somebody's or that never was. Returns whether it was.
    pub(crate) fn add(&mut self, number: usize, reuses: bool) -> bool {
        let free = |letter: &usize| self.at(*letter).is_none();
        let former = self.used.iter().copied().find(free).filter(|_| reuses);
        let unused = (0..16).find(|letter| !self.used.contains(letter));
        if let Some(letter) = former.or(unused) {
            self.entries.insert(number, letter);
            self.used.insert(letter);
            self.version += 1;
        }
        former.is_some()
    }

    pub(crate) fn remove(&mut self, number: usize) {
        self.entries.remove(&number);
        self.version += 1;
    }
}
