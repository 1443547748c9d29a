//! The named values of a session, each with the version of its last change.

use std::sync::Arc;

use bytes::Bytes;
use litemap::LiteMap;

use crate::seen::Seen;
use crate::snug::snug;
use crate::stamped::Stamped;
use crate::version::Version;

/// The path at which a web-app is found, which names it on every server.
pub type WebAppPath = Box<str>;

/// The named values of a session, by web-app. Web-apps that share an id share the record, and each
/// sees its own.
///
/// What was removed is kept as a marker for a while, so that it wins over what another server has set
/// at the same time under a lower version. Of very many removals only the last ones are kept; what a
/// record has [`Seen`] tells the others from what it never heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    parts: LiteMap<Arc<str>, Part>,
    /// They are on the disk only. Nothing can be said of them then.
    away: bool,
}

/// What a web-app has. Names are shared by all versions of a record.
type Part = LiteMap<Arc<str>, Stamped<Option<Bytes>>>;

impl Attributes {
    /// So many markers are kept.
    pub const MARKERS: usize = 64;

    /// Those that are on the disk only.
    #[must_use]
    pub fn away() -> Self {
        Self { away: true, ..Self::default() }
    }

    /// Whether they are on the disk only: then nothing can be said of them.
    #[must_use]
    pub const fn are_away(&self) -> bool {
        self.away
    }

    /// The first web-app that has, or had, an attribute here.
    #[must_use]
    pub fn first_web_app(&self) -> Option<&str> {
        self.parts.iter().next().map(|(path, _)| &**path)
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, web_app: &str, name: &str) -> Option<&Bytes> {
        self.entry(web_app, name)?.value.as_ref()
    }

    /// When an attribute was set or removed, as far as that is known.
    #[must_use]
    pub fn changed_at(&self, web_app: &str, name: &str) -> Option<Version> {
        Some(self.entry(web_app, name)?.at)
    }

    /// The attributes of a web-app that have a value.
    pub fn of<'a>(&'a self, web_app: &str) -> impl Iterator<Item = (&'a str, &'a Bytes, Version)> {
        self.are_here();
        let part = self.parts.get(web_app).into_iter().flat_map(LiteMap::iter);
        part.filter_map(|(name, entry)| Some((&**name, entry.value.as_ref()?, entry.at)))
    }

    /// Everything, markers too, in the order of web-apps and names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Stamped<Option<Bytes>>)> + Clone {
        self.are_here();
        let parts = self.parts.iter();
        parts.flat_map(|(web_app, part)| {
            part.iter().map(move |(name, entry)| (&**web_app, &**name, entry))
        })
    }

    /// How many there are, markers too.
    #[must_use]
    pub fn count(&self) -> usize {
        self.parts.values().map(LiteMap::len).sum()
    }

    /// Sets an attribute, or removes it.
    pub fn put(&mut self, web_app: &str, name: &str, entry: Stamped<Option<Bytes>>) {
        self.are_here();
        let Some(part) = self.parts.get_mut(web_app) else {
            self.parts.insert(web_app.into(), one(name, entry));
            return;
        };
        match part.get_mut(name) {
            Some(known) => *known = entry,
            None => drop(part.insert(name.into(), entry)),
        }
    }

    /// Of each attribute the newer one. What only one side has stays when the other one has not
    /// [`Seen`] it; else it was removed there.
    #[must_use]
    pub fn merge(mut self, seen: &Seen, other: Self, other_seen: &Seen) -> Self {
        self.are_here();
        other.are_here();
        let mut merged = Self::default();
        for (web_app, mut theirs) in other.parts {
            for (name, ours) in self.parts.remove(&*web_app).unwrap_or_default() {
                match theirs.remove(&*name) {
                    Some(entry) => merged.put(&web_app, &name, ours.newer(entry)),
                    None if other_seen.contains(ours.at) => {}
                    None => merged.put(&web_app, &name, ours),
                }
            }
            let new = theirs.into_iter().filter(|(_, entry)| !seen.contains(entry.at));
            new.for_each(|(name, entry)| merged.put(&web_app, &name, entry));
        }
        for (web_app, ours) in self.parts {
            let new = ours.into_iter().filter(|(_, entry)| !other_seen.contains(entry.at));
            new.for_each(|(name, entry)| merged.put(&web_app, &name, entry));
        }
        merged.forget();
        merged
    }

    /// Drops the oldest markers when there are too many.
    pub fn forget(&mut self) {
        if self.away {
            return;
        }
        let markers = self.iter().filter(|(_, _, entry)| entry.value.is_none());
        if markers.clone().count() <= Self::MARKERS {
            return;
        }
        let mut markers: Vec<(Version, &str, &str)> =
            markers.map(|(web_app, name, entry)| (entry.at, web_app, name)).collect();
        let Some(surplus) = markers.len().checked_sub(Self::MARKERS).filter(|more| *more > 0)
        else {
            return;
        };
        // Several that one change removed have the same version: then the names decide.
        markers.sort_unstable();
        let oldest = markers.into_iter().take(surplus);
        let oldest: Vec<(Arc<str>, Arc<str>)> =
            oldest.map(|(_, web_app, name)| (web_app.into(), name.into())).collect();
        for (web_app, name) in oldest {
            if let Some(part) = self.parts.get_mut(&*web_app) {
                part.remove(&*name);
            }
        }
        self.parts.retain(|_, part| !part.is_empty());
    }

    /// Keeps no memory for what may come.
    pub(crate) fn snug(&mut self) {
        self.parts.iter_mut().for_each(|(_, part)| snug(part));
    }

    /// Names and values together, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let sizes = self.iter().map(|(_, name, entry)| {
            entry.value.as_ref().map_or(0, |value| name.len() + value.len())
        });
        sizes.sum()
    }

    fn entry(&self, web_app: &str, name: &str) -> Option<&Stamped<Option<Bytes>>> {
        self.are_here();
        self.parts.get(web_app)?.get(name)
    }

    /// Whoever asks what is not in memory has forgotten to fetch it.
    fn are_here(&self) {
        debug_assert!(!self.away, "the attributes are on the disk, and were not fetched");
    }
}

fn one(name: &str, entry: Stamped<Option<Bytes>>) -> Part {
    let mut part = Part::with_capacity(1);
    part.insert(name.into(), entry);
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::version;

    fn set(text: &'static str, sequence: u64) -> Stamped<Option<Bytes>> {
        Stamped { value: Some(Bytes::from_static(text.as_bytes())), at: version(1, sequence) }
    }

    fn removed(sequence: u64) -> Stamped<Option<Bytes>> {
        Stamped { value: None, at: version(1, sequence) }
    }

    #[test]
    fn web_apps_see_their_own_attributes_only() {
        let mut attributes = Attributes::default();
        attributes.put("/", "name", set("ann", 1));
        attributes.put("/shop", "name", set("bob", 2));
        attributes.put("/shop", "gone", removed(3));
        assert_eq!(attributes.get("/", "name").unwrap(), "ann");
        assert_eq!(attributes.get("/shop", "name").unwrap(), "bob");
        assert_eq!(attributes.get("/other", "name"), None);
        assert_eq!(attributes.get("/shop", "gone"), None);
        assert_eq!(attributes.of("/shop").count(), 1);
        assert_eq!((attributes.count(), attributes.size()), (3, 14));
    }

    #[test]
    fn a_removal_wins_over_what_was_set_under_a_lower_version() {
        let mut ours = Attributes::default();
        ours.put("/", "a", removed(5));
        let mut theirs = Attributes::default();
        theirs.put("/", "a", set("old", 4));
        theirs.put("/", "b", set("new", 4));
        let merged = ours.merge(&Seen::default(), theirs, &Seen::default());
        assert_eq!(merged.get("/", "a"), None);
        assert_eq!(merged.get("/", "b").unwrap(), "new");
    }

    #[test]
    fn what_was_removed_long_ago_does_not_come_back_and_what_is_new_stays() {
        let seen = Seen::new(None, [(version(1, 0).epoch, 5)]);
        let mut theirs = Attributes::default();
        theirs.put("/", "removed here", set("old", 5));
        theirs.put("/", "new there", set("new", 6));
        // Whether or not the web-app has something else on the other side.
        let mut ours = Attributes::default();
        for has in [vec!["new there"], vec!["both", "new there"]] {
            let merged = ours.clone().merge(&seen, theirs.clone(), &Seen::default());
            assert_eq!(merged.of("/").map(|(name, ..)| name).collect::<Vec<_>>(), has);
            let other_way = theirs.clone().merge(&Seen::default(), ours.clone(), &seen);
            assert_eq!(other_way, merged);
            ours.put("/", "both", set("ours", 3));
            theirs.put("/", "both", set("ours", 3));
        }
    }

    #[test]
    fn there_are_not_more_markers_after_a_merge() {
        let side = |first: u64| {
            let mut side = Attributes::default();
            for sequence in first..first + 64 {
                side.put("/", &format!("n{sequence}"), removed(sequence));
            }
            side
        };
        let merged = side(1).merge(&Seen::default(), side(65), &Seen::default());
        assert_eq!(merged, side(65));
    }

    #[test]
    fn the_last_markers_are_kept_on_both_sides_of_the_bound() {
        let mut attributes = Attributes::default();
        attributes.put("/", "here", set("x", 1));
        for sequence in 2..66 {
            attributes.put("/shop", &format!("n{sequence}"), removed(sequence));
        }
        attributes.forget();
        assert_eq!(attributes.count(), 65);
        attributes.put("/shop", "n66", removed(66));
        attributes.forget();
        assert_eq!(attributes.count(), 65);
        assert_eq!(attributes.changed_at("/shop", "n2"), None);
        assert_eq!(attributes.changed_at("/shop", "n3"), Some(version(1, 3)));
        assert_eq!(attributes.get("/", "here").unwrap(), "x");
        for name in 0..1000 {
            attributes.put("/", &format!("all at once {name}"), removed(67));
        }
        attributes.forget();
        assert_eq!(attributes.count(), 65);
    }
}
