//! What a server of the ring says of itself when a link begins.

use std::collections::BTreeMap;
use std::fmt;

use crate::name::Name;
use crate::server_index::ServerIndex;
use crate::state::State;

/// Which servers there are, as one of them has read it in its configuration: no index stands for
/// two.
pub type ServerTable = BTreeMap<ServerIndex, Name>;

/// What a server of the ring says of itself when a link begins: the first frame of each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// The versions of the protocol that it speaks.
    pub versions: Versions,
    /// Its cluster.
    pub cluster: Name,
    /// Its id.
    pub server: Name,
    /// Its place in the cluster.
    pub index: ServerIndex,
    /// Another number at every start.
    pub incarnation: u64,
    /// The servers of the cluster that it knows.
    pub table: ServerTable,
    /// What it does at the moment.
    pub state: State,
}

/// The versions of the protocol that a server speaks: all between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    lowest: u16,
    highest: u16,
}

impl Versions {
    /// Those of this program.
    pub const OURS: Self = Self { lowest: 1, highest: 1 };

    /// From `lowest` to `highest`, both included; `None` when there are none. They begin with 1.
    #[must_use]
    pub const fn new(lowest: u16, highest: u16) -> Option<Self> {
        if lowest == 0 || lowest > highest {
            return None;
        }
        Some(Self { lowest, highest })
    }

    /// The lowest one.
    #[must_use]
    pub const fn lowest(self) -> u16 {
        self.lowest
    }

    /// The highest one.
    #[must_use]
    pub const fn highest(self) -> u16 {
        self.highest
    }

    /// The highest one that both sides speak.
    #[must_use]
    pub fn common(self, other: Self) -> Option<u16> {
        let highest = self.highest.min(other.highest);
        (highest >= self.lowest.max(other.lowest)).then_some(highest)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.lowest, self.highest) {
            (only, highest) if only == highest => write!(f, "version {only}"),
            (lowest, highest) => write!(f, "versions {lowest} to {highest}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_speak_the_highest_version_that_both_know() {
        let versions = |(lowest, highest)| Versions::new(lowest, highest).unwrap();
        for (one, other, common) in [
            ((1, 1), (1, 1), Some(1)),
            ((1, 2), (1, 1), Some(1)),
            ((1, 2), (2, 3), Some(2)),
            ((1, 5), (2, 3), Some(3)),
            ((1, 1), (2, 3), None),
        ] {
            assert_eq!(versions(one).common(versions(other)), common, "{one:?} {other:?}");
            assert_eq!(versions(other).common(versions(one)), common, "{other:?} {one:?}");
        }
        assert_eq!(Versions::new(0, 1), None);
        assert_eq!(Versions::new(2, 1), None);
        assert_eq!(versions((1, 1)).to_string(), "version 1");
        assert_eq!(versions((1, 3)).to_string(), "versions 1 to 3");
    }
}
