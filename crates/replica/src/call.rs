//! What a request wants of a session, wherever the server is that acts for it.

use std::time::Duration;

use arrayvec::ArrayVec;
use bytes::Bytes;
use copal_protocol::letters::Letters;
use copal_protocol::session_key::SessionKey;

use crate::attributes::{Attributes, WebAppPath};
use crate::change::{Base, Change};
use crate::holders::{Holder, Holders};
use crate::live::{Live, WallTime};
use crate::operations::Operations;
use crate::proof::Proof;
use crate::record::{Content, Record};
use crate::seen::Seen;
use crate::server_id::ServerId;
use crate::stamped::Stamped;
use crate::version::Version;

/// The servers that a session's id names, in order: where to look first.
pub type Order = ArrayVec<ServerId, { Letters::COUNT }>;

/// What a request wants of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Which session.
    pub key: SessionKey,
    /// The servers that its id names.
    pub order: Order,
    /// What is wanted.
    pub want: Want,
}

/// What is wanted of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// That there be one.
    Create(Box<Birth>),
    /// What it is now, unless it is still at this version.
    Load(Option<Version>),
    /// That it be changed.
    Change(Box<Wish>),
}

/// With what a session begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Birth {
    /// The moment of the wall clock.
    pub created: WallTime,
    /// When it ends, however much it is used.
    pub absolute_end: Option<WallTime>,
    /// How long it lives without being used; `None` for ever.
    pub idle: Option<Duration>,
    /// The secret that a client must show.
    pub proof: Proof,
    /// Whose session it is.
    pub user: Option<Box<str>>,
    /// The web-app whose attributes these are.
    pub web_app: WebAppPath,
    /// The named values.
    pub attributes: Vec<(Box<str>, Bytes)>,
}

/// A change, with what the request had read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// What is to happen.
    pub change: Change,
    /// What the request had read.
    pub base: Base,
    /// Under these versions it was made before, by a server that was then deposed. Whoever acts now
    /// may have seen one of them, and then it is done.
    pub made: Vec<Version>,
}

impl Birth {
    /// The first record of the session, which `own` makes.
    #[must_use]
    pub fn record(&self, key: SessionKey, version: Version, own: Holder) -> Record {
        let at = version;
        let mut attributes = Attributes::default();
        for (name, value) in &self.attributes {
            attributes.put(&self.web_app, name, Stamped { value: Some(value.clone()), at });
        }
        attributes.snug();
        if self.attributes.is_empty() {
            // It is seen whose session this is.
            attributes.put(&self.web_app, "", Stamped { value: None, at });
        }
        let mut holders = Holders::default();
        // There is room for the first one.
        let _ = holders.put(own);
        Record {
            key,
            version,
            seen: Seen::new(None, [(version.epoch, version.sequence)]),
            acknowledged: 0,
            holders,
            content: Content::Live(Box::new(Live {
                created: self.created,
                absolute_end: self.absolute_end,
                changed: version,
                idle: Stamped { value: self.idle, at },
                proof: Stamped { value: self.proof.clone(), at },
                former: None,
                user: Stamped { value: self.user.clone(), at },
                attributes,
                operations: Operations::default(),
            })),
            unknown: Vec::new(),
        }
    }
}
