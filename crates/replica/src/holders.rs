//! Which servers have, or may have, a copy of a session.

use crate::incarnation::Incarnation;
use crate::server_id::ServerId;

/// Whether a holder has everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It has confirmed every change that was acknowledged.
    Current,
    /// It may lack some.
    Behind,
}

/// A server that has, or may have, a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holder {
    /// Which server.
    pub server: ServerId,
    /// The start in which it was sent the session. After another start its copy is what its disk
    /// held.
    pub incarnation: Incarnation,
    /// Whether it has everything.
    pub standing: Standing,
}

impl Holder {
    /// One that has nothing of it yet.
    #[must_use]
    pub const fn lacking(server: ServerId, incarnation: Incarnation) -> Self {
        Self { server, incarnation, standing: Standing::Behind }
    }

    /// The same one, which may lack something.
    #[must_use]
    pub const fn behind(&self) -> Self {
        Self { standing: Standing::Behind, ..*self }
    }
}

/// Every server that was ever sent a session and has not confirmed that it dropped it, in the
/// order of their names.
///
/// Only the acting owner changes the list, as an ordinary change, and a server is in it before it
/// is sent the first byte: so whoever has the newest record knows every place where an older one
/// may lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holders(Vec<Holder>);

impl Holders {
    /// How many there can be: all servers of a cluster, and as many that have left it.
    pub const MAX: usize = 128;

    /// All of them.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Holder> {
        self.0.iter()
    }

    /// What is known of one.
    #[must_use]
    pub fn get(&self, server: ServerId) -> Option<&Holder> {
        self.place(server).ok().and_then(|place| self.0.get(place))
    }

    /// Those that have everything.
    pub fn current(&self) -> impl Iterator<Item = &Holder> {
        self.0.iter().filter(|holder| holder.standing == Standing::Current)
    }

    /// One more, or something new about one. `false` when there are too many.
    #[must_use]
    pub fn put(&mut self, holder: Holder) -> bool {
        match self.place(holder.server) {
            Ok(place) => {
                if let Some(known) = self.0.get_mut(place) {
                    *known = holder;
                }
            }
            Err(_) if self.0.len() >= Self::MAX => return false,
            Err(place) => {
                self.0.reserve_exact(1);
                self.0.insert(place, holder);
            }
        }
        true
    }

    /// One has confirmed that it dropped its copy, or will never come back.
    pub fn remove(&mut self, server: ServerId) {
        if let Ok(place) = self.place(server) {
            self.0.remove(place);
        }
    }

    fn place(&self, server: ServerId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&server, |holder| holder.server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(name: &str, standing: Standing) -> Holder {
        let server = ServerId::new(name).unwrap();
        Holder { server, incarnation: Incarnation(1), standing }
    }

    #[test]
    fn each_server_is_listed_once_in_the_order_of_names() {
        let mut holders = Holders::default();
        for name in ["app-c", "app-a", "app-b"] {
            assert!(holders.put(holder(name, Standing::Current)));
        }
        assert!(holders.put(holder("app-b", Standing::Behind)));
        let names: Vec<&str> = holders.iter().map(|holder| holder.server.as_str()).collect();
        assert_eq!(names, ["app-a", "app-b", "app-c"]);
        let current: Vec<&str> = holders.current().map(|holder| holder.server.as_str()).collect();
        assert_eq!(current, ["app-a", "app-c"]);
        holders.remove(ServerId::new("app-a").unwrap());
        holders.remove(ServerId::new("app-x").unwrap());
        assert_eq!(holders.iter().len(), 2);
        assert_eq!(holders.get(ServerId::new("app-a").unwrap()), None);
    }

    #[test]
    fn there_is_a_bound() {
        let mut holders = Holders::default();
        for number in 0..Holders::MAX {
            assert!(holders.put(holder(&format!("s{number}"), Standing::Behind)));
        }
        assert!(!holders.put(holder("one-more", Standing::Behind)));
        assert!(holders.put(holder("s0", Standing::Current)), "it is there already");
    }
}
