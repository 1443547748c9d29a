//! What waits for the disk: of each key the newest version, within bounds.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::disk::error::DiskError;
use crate::disk::limits::{Bounds, CHANGE_OVERHEAD, MAX_RECORD};

/// Of each key its newest value, or `None` if it was removed.
pub(crate) type Changes = HashMap<SessionKey, Option<Bytes>>;

/// Who waits until something is safe.
pub(crate) type Done = Box<dyn FnOnce(Result<(), DiskError>) + Send>;

/// What is written together.
pub(crate) struct Batch {
    pub(crate) changes: Arc<Changes>,
    pub(crate) waiting: Vec<Done>,
}

/// What waits for the disk.
pub(crate) struct Queue {
    bounds: Bounds,
    changes: Changes,
    bytes: usize,
    waiting: Vec<Done>,
    oldest: Option<Instant>,
    /// What is being written.
    taken: Arc<Changes>,
    taken_bytes: usize,
    taken_oldest: Option<Instant>,
    /// Keys whose newest version was not taken.
    not_taken: HashSet<SessionKey>,
}

/// What the queue knows of a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// Its newest value, or that it was removed.
    Newest(Option<Bytes>),
    /// That the newest version was not taken.
    NotTaken,
    /// Nothing: the newest version is on the disk, if there is one.
    Nothing,
}

const fn cost(value: Option<&Bytes>) -> usize {
    match value {
        Some(value) => CHANGE_OVERHEAD + value.len(),
        None => CHANGE_OVERHEAD,
    }
}

impl Queue {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            changes: Changes::new(),
            bytes: 0,
            waiting: Vec::new(),
            oldest: None,
            taken: Arc::default(),
            taken_bytes: 0,
            taken_oldest: None,
            not_taken: HashSet::new(),
        }
    }

    /// Puts a value. One that is not taken is noted, so that nobody takes an older one for it.
    pub(crate) fn put(
        &mut self,
        key: SessionKey,
        value: Bytes,
        now: Instant,
    ) -> Result<(), DiskError> {
        let before = self.changes.get(&key).map_or(0, |value| cost(value.as_ref()));
        let grows = cost(Some(&value)) > before;
        let refused = if value.len() > MAX_RECORD {
            Some(DiskError::TooLarge(value.len()))
        } else {
            (grows && self.is_full()).then_some(DiskError::Saturated)
        };
        if let Some(error) = refused {
            self.refuse(key);
            return Err(error);
        }
        self.insert(key, Some(value), now);
        Ok(())
    }

    /// Removes a key. Only what is on the disk, or is on its way there, must be removed there, so
    /// removals are bounded by what is there.
    pub(crate) fn remove(&mut self, key: SessionKey, on_disk: bool, now: Instant) {
        if on_disk || self.taken.contains_key(&key) {
            self.insert(key, None, now);
        } else {
            self.forget(key);
        }
    }

    /// Notes that the newest version of a key is not here.
    pub(crate) fn refuse(&mut self, key: SessionKey) {
        self.forget(key);
        self.not_taken.insert(key);
    }

    /// Tells `done` when everything that was put before is safe.
    pub(crate) fn wait(&mut self, done: Done) {
        self.waiting.push(done);
    }

    /// Those who wait for what has not been taken yet.
    pub(crate) fn take_waiting(&mut self) -> Vec<Done> {
        std::mem::take(&mut self.waiting)
    }

    /// Everything, to be written. It stays known until [`written`](Self::written).
    pub(crate) fn take(&mut self) -> Batch {
        self.taken = Arc::new(std::mem::take(&mut self.changes));
        self.taken_bytes = std::mem::take(&mut self.bytes);
        self.taken_oldest = self.oldest.take();
        Batch { changes: Arc::clone(&self.taken), waiting: self.take_waiting() }
    }

    /// What was taken is on the disk. Returns it, to be dropped where that may take its time.
    pub(crate) fn written(&mut self) -> Arc<Changes> {
        self.taken_bytes = 0;
        self.taken_oldest = None;
        std::mem::take(&mut self.taken)
    }

    /// What is known of a key.
    pub(crate) fn find(&self, key: &SessionKey) -> Known {
        if self.not_taken.contains(key) {
            return Known::NotTaken;
        }
        let value = self.changes.get(key).or_else(|| self.taken.get(key));
        value.map_or(Known::Nothing, |value| Known::Newest(value.clone()))
    }

    /// Some of the keys whose newest version was not taken.
    pub(crate) fn not_taken(&self, most: usize) -> Vec<SessionKey> {
        self.not_taken.iter().take(most).copied().collect()
    }

    /// How many such keys there are.
    pub(crate) fn not_taken_len(&self) -> usize {
        self.not_taken.len()
    }

    /// As much waits as may wait.
    pub(crate) fn is_full(&self) -> bool {
        self.waiting_bytes() >= self.bounds.queue_bytes || self.len() >= self.bounds.queue_keys
    }

    /// So much waits that it is not worth while to gather more.
    pub(crate) fn is_eager(&self) -> bool {
        !self.waiting.is_empty()
            || self.bytes >= self.bounds.eager
            || self.changes.len() >= self.bounds.queue_keys / 2
    }

    /// Nothing waits that has not been taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.waiting.is_empty()
    }

    /// How many keys wait, those included that are being written.
    pub(crate) fn len(&self) -> usize {
        self.changes.len() + self.taken.len()
    }

    /// How many bytes that are.
    pub(crate) const fn waiting_bytes(&self) -> usize {
        self.bytes + self.taken_bytes
    }

    /// When the oldest of what has not been taken was put.
    pub(crate) const fn gathering_since(&self) -> Option<Instant> {
        self.oldest
    }

    /// When the oldest was put that is not on the disk.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.taken_oldest.or(self.oldest)
    }

    fn insert(&mut self, key: SessionKey, value: Option<Bytes>, now: Instant) {
        self.not_taken.remove(&key);
        self.bytes += cost(value.as_ref());
        if let Some(before) = self.changes.insert(key, value) {
            self.bytes -= cost(before.as_ref());
        }
        self.oldest.get_or_insert(now);
    }

    fn forget(&mut self, key: SessionKey) {
        self.not_taken.remove(&key);
        if let Some(before) = self.changes.remove(&key) {
            self.bytes -= cost(before.as_ref());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::clock;

    fn key(number: u32) -> SessionKey {
        SessionKey::parse(format!("{number:011}").as_bytes()).unwrap()
    }

    fn small() -> Queue {
        Queue::new(Bounds { queue_bytes: 300, queue_keys: 5, ..Bounds::USUAL })
    }

    fn put(queue: &mut Queue, number: u32, value: &'static str) -> Result<(), DiskError> {
        queue.put(key(number), Bytes::from(value), clock::now())
    }

    fn newest(queue: &Queue, number: u32) -> Known {
        queue.find(&key(number))
    }

    #[test]
    fn the_newest_version_is_known_while_an_older_one_is_written() {
        let mut queue = small();
        put(&mut queue, 1, "a").unwrap();
        put(&mut queue, 1, "b").unwrap();
        let batch = queue.take();
        assert_eq!(batch.changes[&key(1)], Some(Bytes::from("b")));
        assert_eq!(newest(&queue, 1), Known::Newest(Some(Bytes::from("b"))));
        put(&mut queue, 1, "c").unwrap();
        assert_eq!(newest(&queue, 1), Known::Newest(Some(Bytes::from("c"))));
        queue.remove(key(1), false, clock::now());
        assert_eq!(newest(&queue, 1), Known::Newest(None));
        queue.written();
        assert_eq!(newest(&queue, 1), Known::Newest(None));
        assert_eq!(queue.take().changes[&key(1)], None);
        queue.written();
        assert_eq!((newest(&queue, 1), queue.waiting_bytes()), (Known::Nothing, 0));
    }

    #[test]
    fn what_was_never_written_is_not_removed_from_the_disk() {
        let mut queue = small();
        put(&mut queue, 1, "a").unwrap();
        queue.remove(key(1), false, clock::now());
        queue.remove(key(2), false, clock::now());
        assert!(queue.is_empty());
        assert_eq!(queue.waiting_bytes(), 0);
        queue.remove(key(3), true, clock::now());
        assert_eq!(queue.take().changes[&key(3)], None);
    }

    #[test]
    fn a_full_queue_refuses_and_remembers_what() {
        let mut queue = small();
        for number in 0..5 {
            put(&mut queue, number, "a").unwrap();
        }
        assert!(queue.is_full());
        assert_eq!(put(&mut queue, 6, "a"), Err(DiskError::Saturated));
        assert_eq!(newest(&queue, 6), Known::NotTaken);
        put(&mut queue, 1, "b").unwrap();
        assert_eq!(newest(&queue, 1), Known::Newest(Some(Bytes::from("b"))));
        // A longer one does not fit; the shorter one that waits is older and not taken for it.
        assert_eq!(put(&mut queue, 1, "long"), Err(DiskError::Saturated));
        assert_eq!(newest(&queue, 1), Known::NotTaken);
        assert_eq!(queue.not_taken_len(), 2);
        queue.take();
        assert_eq!(put(&mut queue, 7, "a"), Ok(()));
        queue.written();
        put(&mut queue, 6, "a").unwrap();
        queue.remove(key(1), false, clock::now());
        assert_eq!(queue.not_taken(10), []);
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mut queue = small();
        let value = "x".repeat(100);
        let taken = (0..9).filter(|number| {
            queue.put(key(*number), Bytes::from(value.clone()), clock::now()).is_ok()
        });
        assert_eq!(taken.count(), 2);
        assert!(queue.is_full());
        assert!(queue.waiting_bytes() < 300 + 200);
    }
}
