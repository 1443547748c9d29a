//! The sessions that share a lock.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::changes::Changes;
use crate::order::Order;
use crate::part::Part;
use crate::record::Record;
use crate::web_app::{Step, WebApp};

/// The sessions that share a lock, with the order in which their web-apps used them. Keeps the two
/// and the web-apps' numbers in step.
#[derive(Debug, Default)]
pub(crate) struct Shard {
    records: HashMap<SessionKey, Record>,
    orders: BTreeMap<usize, Order>,
}

impl Shard {
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn contains(&self, key: SessionKey) -> bool {
        self.records.contains_key(&key)
    }

    /// The session of this key as it is now: parts whose time is over are gone, and without a part
    /// so is the session.
    pub(crate) fn live(&mut self, key: SessionKey, now: Duration) -> Option<&mut Record> {
        let parts = self.records.get(&key)?.parts().iter();
        let over: Vec<usize> =
            parts.filter(|part| part.is_over(now)).map(|part| part.web_app.number()).collect();
        for number in over {
            self.leave(key, number);
        }
        self.records.get_mut(&key)
    }

    pub(crate) fn insert(&mut self, record: Record) {
        self.records.insert(record.id().key(), record);
    }

    /// Gives a web-app a part in a session.
    pub(crate) fn join(&mut self, key: SessionKey, web_app: &Arc<WebApp>, now: Duration) {
        let Some(record) = self.records.get_mut(&key) else {
            return;
        };
        let part = Part::new(Arc::clone(web_app), now);
        let order =
            self.orders.entry(web_app.number()).or_insert_with(|| Order::new(Arc::clone(web_app)));
        order.add(key, &part);
        record.add_part(part);
        web_app.count(Step::Begun);
    }

    /// Changes attributes of a web-app, and says whose session it is. To remove what is not there
    /// changes nothing.
    pub(crate) fn change(&mut self, key: SessionKey, number: usize, changes: &Changes) {
        let Some(record) = self.records.get_mut(&key) else {
            return;
        };
        let is_there = record.part(number).is_some_and(|part| part.is_changed_by(changes));
        if !is_there && changes.user.is_none() {
            return;
        }
        let sequence = record.next_sequence();
        if let Some(part) = record.part_mut(number) {
            part.apply(changes, sequence);
        }
        if let Some(user) = &changes.user {
            record.set_user(user.clone(), sequence);
        }
    }

    /// Takes a web-app's part out of a session; with its last part the session is gone.
    pub(crate) fn leave(&mut self, key: SessionKey, number: usize) {
        let Some(record) = self.records.get_mut(&key) else {
            return;
        };
        let Some(part) = record.take_part(number) else {
            return;
        };
        if record.parts().is_empty() {
            self.records.remove(&key);
        }
        self.forget(key, &part);
    }

    /// Ends a session for all its web-apps.
    pub(crate) fn end(&mut self, key: SessionKey) {
        let Some(record) = self.records.remove(&key) else {
            return;
        };
        for part in record.parts() {
            self.forget(key, part);
        }
    }

    /// Notes that a web-app used a session.
    pub(crate) fn touch(&mut self, key: SessionKey, number: usize, now: Duration) {
        let part = self.records.get_mut(&key).and_then(|record| record.part_mut(number));
        let Some(part) = part.filter(|part| part.used < now) else {
            return;
        };
        let before = std::mem::replace(&mut part.used, now);
        if let Some(order) = self.orders.get_mut(&number) {
            order.used(key, before, now);
        }
    }

    /// The session that a web-app left alone for longest, and since when; `except` is passed over.
    pub(crate) fn least_used(
        &self,
        number: usize,
        except: SessionKey,
    ) -> Option<(Duration, SessionKey)> {
        self.orders.get(&number)?.least_used(except)
    }

    /// Ends at most `limit` web-apps' parts whose time is over; says how many.
    pub(crate) fn sweep(&mut self, now: Duration, limit: usize) -> usize {
        let mut swept = 0;
        while swept < limit {
            let over = self.orders.iter().find_map(|(number, order)| {
                let key = order.over(now)?;
                Some((key, *number))
            });
            let Some((key, number)) = over else { break };
            self.leave(key, number);
            swept += 1;
        }
        swept
    }

    /// Takes a part that is gone out of the order and the number.
    fn forget(&mut self, key: SessionKey, part: &Part) {
        if let Some(order) = self.orders.get_mut(&part.web_app.number()) {
            order.remove(key, part);
        }
        part.web_app.count(Step::Over);
    }
}
