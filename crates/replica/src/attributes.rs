//! The named values of a session, each with the version of its last change.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::stamped::Stamped;
use crate::version::Version;

/// The path at which a web-app is found, which names it on every server.
pub type WebAppPath = Box<str>;

/// The named values of a session, by web-app. Web-apps that share an id share the record, and each
/// sees its own.
///
/// What was removed is kept as a marker, without which a merge could not tell it from something
/// that another server has set. [`Self::forget`] drops the markers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(BTreeMap<WebAppPath, BTreeMap<Box<str>, Stamped<Option<Bytes>>>>);

impl Attributes {
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
        let part = self.0.get(web_app).into_iter().flatten();
        part.filter_map(|(name, entry)| Some((&**name, entry.value.as_ref()?, entry.at)))
    }

    /// Everything, markers too, in the order of web-apps and names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Stamped<Option<Bytes>>)> {
        let parts = self.0.iter();
        parts.flat_map(|(web_app, part)| {
            part.iter().map(move |(name, entry)| (&**web_app, &**name, entry))
        })
    }

    /// How many there are, markers too.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Sets an attribute, or removes it.
    pub fn put(&mut self, web_app: &str, name: &str, entry: Stamped<Option<Bytes>>) {
        let part = self.0.entry(web_app.into()).or_default();
        part.insert(name.into(), entry);
    }

    /// Of each attribute the newer one.
    pub fn merge(&mut self, other: Self) {
        for (web_app, part) in other.0 {
            let own = self.0.entry(web_app).or_default();
            for (name, theirs) in part {
                let newer = match own.remove(&name) {
                    Some(ours) => ours.newer(theirs),
                    None => theirs,
                };
                own.insert(name, newer);
            }
        }
    }

    /// Drops the markers of what was removed at `until` or before: every copy that there is has
    /// confirmed that version.
    pub fn forget(&mut self, until: Version) {
        for part in self.0.values_mut() {
            part.retain(|_, entry| entry.value.is_some() || entry.at > until);
        }
        self.0.retain(|_, part| !part.is_empty());
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
        self.0.get(web_app)?.get(name)
    }
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
    fn a_removal_wins_over_what_was_set_before_it_wherever_that_comes_from() {
        let mut ours = Attributes::default();
        ours.put("/", "a", removed(5));
        let mut theirs = Attributes::default();
        theirs.put("/", "a", set("old", 4));
        theirs.put("/", "b", set("new", 4));
        ours.merge(theirs);
        assert_eq!(ours.get("/", "a"), None);
        assert_eq!(ours.get("/", "b").unwrap(), "new");
    }

    #[test]
    fn markers_are_forgotten_when_everybody_knows() {
        let mut attributes = Attributes::default();
        attributes.put("/", "a", removed(5));
        attributes.put("/", "b", removed(6));
        attributes.put("/", "c", set("here", 1));
        attributes.put("/shop", "d", removed(2));
        attributes.forget(version(1, 5));
        assert_eq!(attributes.count(), 2);
        assert_eq!(attributes.changed_at("/", "b"), Some(version(1, 6)));
    }
}
