//! A session as every server that holds it has it.

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::holders::Holders;
use crate::live::Live;
use crate::seen::Seen;
use crate::version::Version;

/// A session as every server that holds it has it: the same version means the same bytes.
///
/// When it was last used is not in it. That goes from server to server as an age, and seldom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which session.
    pub key: SessionKey,
    /// Who acts for it, and its last change.
    pub version: Version,
    /// The changes that this record knows of, the last one too.
    pub seen: Seen,
    /// The last change that is known to be acknowledged, by its number.
    pub acknowledged: u64,
    /// Where there are copies, this server's own included.
    pub holders: Holders,
    /// What it holds.
    pub content: Content,
    /// Fields of a newer version of this program, by their tags. They are passed on as they came.
    pub unknown: Vec<(u64, Bytes)>,
}

/// What a session holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// It lives.
    Live(Box<Live>),
    /// It has ended. That is kept until every holder knows, so that no old copy brings it back.
    Ended {
        /// When.
        at: Version,
    },
}

impl Record {
    /// The same without what takes room and decides nothing: attributes and answers to operations. What
    /// it refers to does not keep them in memory.
    #[must_use]
    pub fn stowed(&self) -> Self {
        let content = match &self.content {
            Content::Live(live) => Content::Live(Box::new(live.stowed())),
            Content::Ended { at } => Content::Ended { at: *at },
        };
        let unknown = self.unknown.iter();
        let unknown = unknown.map(|(tag, field)| (*tag, Bytes::copy_from_slice(field))).collect();
        let (seen, holders) = (self.seen.clone(), self.holders.clone());
        Self { seen, holders, content, unknown, ..*self }
    }

    /// Whether what it holds is on the disk only: see [`stowed`](Self::stowed).
    #[must_use]
    pub fn is_stowed(&self) -> bool {
        self.live().is_some_and(|live| live.attributes.are_away())
    }

    /// What it holds, unless it has ended.
    #[must_use]
    pub fn live(&self) -> Option<&Live> {
        match &self.content {
            Content::Live(live) => Some(live),
            Content::Ended { .. } => None,
        }
    }
}
