//! What a request changes in a session: attributes set and removed, and the user, until it is committed.

use std::collections::BTreeMap;

use bytes::Bytes;

/// Attributes by name: new value, or `None` for one that goes; and whose session it is.
///
/// Only what changed is kept, so that two requests at once that set different attributes never
/// undo each other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    attributes: BTreeMap<String, Option<Bytes>>,
    /// Names and values of what is set.
    size: usize,
    /// Whose session it is from now on; the inner `None` says that it is nobody's.
    pub(crate) user: Option<Option<Box<str>>>,
}

impl Changes {
    pub(crate) fn set(&mut self, name: &str, value: Bytes) {
        self.put(name, Some(value));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.put(name, None);
    }

    /// The change of one attribute; the inner `None` says that it goes.
    pub(crate) fn get(&self, name: &str) -> Option<&Option<Bytes>> {
        self.attributes.get(name)
    }

    /// Puts the change of one attribute back to what it was.
    pub(crate) fn restore(&mut self, name: &str, before: Option<Option<Bytes>>) {
        match before {
            Some(change) => self.put(name, change),
            None => self.drop(name),
        }
    }

    /// Drops the change of one attribute if it is still this one: it was carried out at once.
    pub(crate) fn drop_if(&mut self, name: &str, carried_out: &Option<Bytes>) {
        if self.attributes.get(name) == Some(carried_out) {
            self.drop(name);
        }
    }

    /// Drops all of these changes that are still the same: they were carried out, or given up.
    pub(crate) fn drop_those(&mut self, done: &Self) {
        for (name, change) in &done.attributes {
            self.drop_if(name, change);
        }
        self.user.take_if(|user| Some(&*user) == done.user.as_ref());
    }

    /// Adds what was changed later.
    pub(crate) fn then(&mut self, later: &Self) {
        for (name, change) in &later.attributes {
            self.put(name, change.clone());
        }
        if let Some(user) = &later.user {
            self.user = Some(user.clone());
        }
    }

    /// The bytes that the attributes would come to by these changes alone.
    pub(crate) const fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.attributes.is_empty() && self.user.is_none()
    }

    /// Whether there is anything to keep; removing alone makes no session.
    pub(crate) fn sets_something(&self) -> bool {
        self.attributes.values().any(Option::is_some) || matches!(self.user, Some(Some(_)))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Option<&Bytes>)> {
        self.attributes.iter().map(|(name, value)| (name.as_str(), value.as_ref()))
    }

    /// Does to a copy of the attributes what will be done to the session.
    pub(crate) fn overlay(&self, attributes: &mut BTreeMap<String, Bytes>) {
        for (name, value) in self.iter() {
            match value {
                Some(value) => {
                    attributes.insert(name.to_owned(), value.clone());
                }
                None => {
                    attributes.remove(name);
                }
            }
        }
    }

    fn put(&mut self, name: &str, change: Option<Bytes>) {
        self.drop(name);
        self.size += size(name, change.as_ref());
        self.attributes.insert(name.to_owned(), change);
    }

    fn drop(&mut self, name: &str) {
        if let Some(change) = self.attributes.remove(name) {
            self.size -= size(name, change.as_ref());
        }
    }
}

/// What an attribute counts for against `session-max-bytes`.
pub(crate) fn size(name: &str, value: Option<&Bytes>) -> usize {
    value.map_or(0, |value| name.len() + value.len())
}
