//! What one web-app has in a session: its attributes, since when, used when.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::changes::{Changes, size};
use crate::web_app::WebApp;

/// What one web-app has in a session. Web-apps that share an id share the record and each have a
/// part of their own.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) web_app: Arc<WebApp>,
    /// When the web-app's session began.
    pub(crate) began: Duration,
    /// When the web-app last used it.
    pub(crate) used: Duration,
    attributes: BTreeMap<Box<str>, Attribute>,
    /// Names and values together.
    bytes: usize,
}

/// One named value.
#[derive(Debug)]
struct Attribute {
    value: Bytes,
    /// The record's sequence after the change that set it.
    sequence: u64,
}

impl Part {
    pub(crate) const fn new(web_app: Arc<WebApp>, now: Duration) -> Self {
        Self { web_app, began: now, used: now, attributes: BTreeMap::new(), bytes: 0 }
    }

    pub(crate) fn is_over(&self, now: Duration) -> bool {
        self.web_app.is_over(self.began, self.used, now)
    }

    /// The value of an attribute, if it was last changed at or before `horizon`.
    pub(crate) fn get(&self, name: &str, horizon: u64) -> Option<Bytes> {
        let attribute = self.attributes.get(name)?;
        (attribute.sequence <= horizon).then(|| attribute.value.clone())
    }

    /// The value of an attribute, whenever it was changed.
    pub(crate) fn latest(&self, name: &str) -> Option<&Bytes> {
        self.attributes.get(name).map(|attribute| &attribute.value)
    }

    /// All attributes that were last changed at or before `horizon`.
    pub(crate) fn all(&self, horizon: u64) -> BTreeMap<String, Bytes> {
        self.attributes
            .iter()
            .filter(|(_, attribute)| attribute.sequence <= horizon)
            .map(|(name, attribute)| (name.to_string(), attribute.value.clone()))
            .collect()
    }

    /// Whether anything is different after `changes`, or set anew.
    pub(crate) fn is_changed_by(&self, changes: &Changes) -> bool {
        changes.iter().any(|(name, value)| value.is_some() || self.attributes.contains_key(name))
    }

    /// The bytes that there will be after `changes`.
    pub(crate) fn size_after(&self, changes: &Changes) -> usize {
        let (mut gone, mut come) = (0, 0);
        for (name, value) in changes.iter() {
            let old = self.attributes.get(name);
            gone += size(name, old.map(|attribute| &attribute.value));
            come += size(name, value);
        }
        self.bytes.saturating_sub(gone).saturating_add(come)
    }

    pub(crate) fn apply(&mut self, changes: &Changes, sequence: u64) {
        self.bytes = self.size_after(changes);
        for (name, value) in changes.iter() {
            match value {
                Some(value) => {
                    let attribute = Attribute { value: value.clone(), sequence };
                    self.attributes.insert(name.into(), attribute);
                }
                None => {
                    self.attributes.remove(name);
                }
            }
        }
    }

    /// Counts these attributes as changed now, whatever changed them before.
    pub(crate) fn mark_changed<'n>(&mut self, names: impl Iterator<Item = &'n str>, sequence: u64) {
        for name in names {
            if let Some(attribute) = self.attributes.get_mut(name) {
                attribute.sequence = sequence;
            }
        }
    }
}
