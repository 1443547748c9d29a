//! The difference between one version of a record and the next.

use bytes::Bytes;
use litemap::LiteMap;

use crate::attributes::WebAppPath;
use crate::holders::{Holder, Holders};
use crate::live::Live;
use crate::operations::OperationNumber;
use crate::proof::Proof;
use crate::record::{Content, Record};
use crate::server_id::ServerId;
use crate::stamped::Stamped;
use crate::version::Version;

/// What happens to attributes, by web-app and name: a new value, or `None` for one that goes.
pub type Parts = LiteMap<WebAppPath, LiteMap<Box<str>, Option<Bytes>>>;

/// The difference between one version of a record and the next one in the same epoch: what the
/// acting owner does to its own record and sends to the other holders. Whoever takes it on the same
/// record has the same record afterwards, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The version on which it can be taken.
    pub from: Version,
    /// The version after it.
    pub to: Version,
    /// The last change that is known to be acknowledged.
    pub acknowledged: u64,
    /// Attributes that are set, or removed, by web-app.
    pub attributes: Parts,
    /// A new secret.
    pub proof: Option<Proof>,
    /// Whose session it is from now on.
    pub user: Option<Option<Box<str>>>,
    /// What was answered to an operation.
    pub answer: Option<(OperationNumber, Bytes)>,
    /// Servers that hold it from now on, or of which something else is known, in the order of names.
    pub holders: Vec<Holder>,
    /// Servers that do not hold it any more, in the order of names.
    pub dropped: Vec<ServerId>,
    /// Whether it ends.
    pub ends: bool,
}

/// Why a step cannot be taken on a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The record is at another version.
    #[error("the step does not follow the record")]
    Gap,
    /// There would be more than [`Holders::MAX`].
    #[error("the session would have too many holders")]
    Holders,
}

impl Step {
    /// The step that changes nothing but the version. It goes up by one.
    ///
    /// `None` when the numbers are used up.
    #[must_use]
    pub fn after(record: &Record) -> Option<Self> {
        Some(Self {
            from: record.version,
            to: record.version.next()?,
            acknowledged: record.acknowledged,
            attributes: LiteMap::new(),
            proof: None,
            user: None,
            answer: None,
            holders: Vec::new(),
            dropped: Vec::new(),
            ends: false,
        })
    }

    /// Whether anything changes that a request can see.
    #[must_use]
    pub fn can_be_seen(&self) -> bool {
        let Self { attributes, proof, user, answer, ends, .. } = self;
        !attributes.is_empty() || proof.is_some() || user.is_some() || answer.is_some() || *ends
    }

    /// Takes the step on a record.
    ///
    /// # Errors
    /// [`Misfit`]; then the record is as it was.
    pub fn take(&self, record: &mut Record) -> Result<(), Misfit> {
        if record.version != self.from {
            return Err(Misfit::Gap);
        }
        if !self.dropped.is_empty() || !self.holders.is_empty() {
            record.holders = self.holders_after(&record.holders)?;
        }
        record.version = self.to;
        record.seen.add(self.to);
        record.acknowledged = record.acknowledged.max(self.acknowledged);
        match &mut record.content {
            _ if self.ends => record.content = Content::Ended { at: self.to },
            Content::Live(live) => self.change(live),
            // What has ended can only change its holders.
            Content::Ended { .. } => {}
        }
        Ok(())
    }

    fn holders_after(&self, before: &Holders) -> Result<Holders, Misfit> {
        let mut holders = before.clone();
        self.dropped.iter().for_each(|server| holders.remove(*server));
        let fit = self.holders.iter().all(|holder| holders.put(*holder));
        if fit { Ok(holders) } else { Err(Misfit::Holders) }
    }

    fn change(&self, live: &mut Live) {
        let at = self.to;
        if self.can_be_seen() {
            live.changed = at;
        }
        let count = live.attributes.count();
        for (web_app, part) in self.attributes.iter() {
            for (name, value) in part.iter() {
                live.attributes.put(web_app, name, Stamped { value: value.clone(), at });
            }
        }
        live.attributes.forget();
        if live.attributes.count() > count {
            live.attributes.snug();
        }
        if let Some((number, answer)) = &self.answer {
            live.operations.keep(*number, Stamped { value: answer.clone(), at });
        }
        if let Some(proof) = &self.proof {
            let next = Stamped { value: proof.clone(), at };
            live.former = Some(std::mem::replace(&mut live.proof, next).value);
        }
        if let Some(user) = &self.user {
            live.user = Stamped { value: user.clone(), at };
        }
    }
}
