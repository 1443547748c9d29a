//! The two connections to another server, and whether both are there.

use std::sync::Arc;

use copal_replica::incarnation::Incarnation;

use crate::ring::outbox::Outbox;

/// What a connection is for. Heartbeats have one of their own, so that nothing delays them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// What is said about sessions.
    Sessions,
    /// "Are you there?"
    Pulse,
}

impl LinkKind {
    /// The field of the request that begins a connection, with one of [`Self::word`].
    pub const FIELD: &str = "Copal-Link";

    /// Its word in that field.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Pulse => "heartbeats",
        }
    }

    const fn other(self) -> Self {
        match self {
            Self::Sessions => Self::Pulse,
            Self::Pulse => Self::Sessions,
        }
    }

    /// The kind that a word means.
    #[must_use]
    pub fn of(word: &[u8]) -> Option<Self> {
        [Self::Sessions, Self::Pulse].into_iter().find(|kind| kind.word().as_bytes() == word)
    }
}

/// The two connections to another server. Only with both it counts as connected.
#[derive(Debug, Default)]
pub(crate) struct Line {
    sessions: Option<End>,
    pulse: Option<End>,
}

/// One connection.
#[derive(Debug, Clone)]
pub(crate) struct End {
    /// The start in which the other server is.
    pub(crate) start: Incarnation,
    pub(crate) outbox: Arc<Outbox>,
}

impl Line {
    /// A connection is there, in the place of the one before, which is closed. So is the other one of the
    /// two if it is to another start: that process has ended, without a word if its machine lost its
    /// power, and on a connection on which nothing is sent nobody finds that out.
    pub(crate) fn attach(&mut self, kind: LinkKind, end: End) {
        let start = end.start;
        if let Some(other) = self.place(kind.other()).take_if(|other| other.start != start) {
            other.outbox.close();
        }
        if let Some(before) = self.place(kind).replace(end) {
            before.outbox.close();
        }
    }

    /// A connection is over. Returns whether it was the one in use.
    pub(crate) fn detach(&mut self, kind: LinkKind, outbox: &Arc<Outbox>) -> bool {
        let place = self.place(kind);
        let is_it = place.as_ref().is_some_and(|end| Arc::ptr_eq(&end.outbox, outbox));
        if is_it {
            *place = None;
        }
        is_it
    }

    /// Both connections end. Returns whether there was one.
    pub(crate) fn close(&mut self) -> bool {
        let ends = [self.sessions.take(), self.pulse.take()];
        let mut ends = ends.into_iter().flatten();
        ends.by_ref().fold(false, |_, end| {
            end.outbox.close();
            true
        })
    }

    /// The start of the other server, if both connections are to the same one.
    pub(crate) fn joined(&self) -> Option<Incarnation> {
        let (sessions, pulse) = (self.sessions.as_ref()?, self.pulse.as_ref()?);
        (sessions.start == pulse.start).then_some(sessions.start)
    }

    /// Has both connections know whether they may be used.
    pub(crate) fn announce(&self) {
        let joined = self.joined().is_some();
        let ends = [&self.sessions, &self.pulse];
        ends.into_iter().flatten().for_each(|end| end.outbox.join(joined));
    }

    /// Where something of a kind is sent; only while both connections are there.
    pub(crate) fn outbox(&self, kind: LinkKind) -> Option<&Outbox> {
        self.joined()?;
        let end = match kind {
            LinkKind::Sessions => self.sessions.as_ref(),
            LinkKind::Pulse => self.pulse.as_ref(),
        };
        end.map(|end| &*end.outbox)
    }

    fn place(&mut self, kind: LinkKind) -> &mut Option<End> {
        match kind {
            LinkKind::Sessions => &mut self.sessions,
            LinkKind::Pulse => &mut self.pulse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(start: u64) -> End {
        End { start: Incarnation(start), outbox: Arc::default() }
    }

    #[test]
    fn a_server_is_connected_while_both_connections_are_to_the_same_start() {
        let mut line = Line::default();
        let sessions = end(1);
        line.attach(LinkKind::Sessions, sessions.clone());
        assert_eq!(line.joined(), None);
        line.attach(LinkKind::Pulse, end(1));
        assert_eq!(line.joined(), Some(Incarnation(1)));
        assert!(line.detach(LinkKind::Sessions, &sessions.outbox));
        assert!(!line.detach(LinkKind::Sessions, &sessions.outbox), "it was gone");
        assert!(line.outbox(LinkKind::Pulse).is_none());
    }

    #[test]
    fn a_connection_to_another_start_closes_the_other_one_too() {
        for kind in [LinkKind::Sessions, LinkKind::Pulse] {
            let mut line = Line::default();
            let before = [end(1), end(1)];
            line.attach(kind.other(), before[0].clone());
            line.attach(kind, before[1].clone());
            line.attach(kind, end(2));
            assert_eq!(line.joined(), None, "it was started anew between the two");
            // Else its connection is never dialled again, and the two servers stay apart.
            assert!(before.iter().all(|end| end.outbox.is_closed()), "{kind:?}");
            assert!(!line.detach(kind.other(), &before[0].outbox));
            line.attach(kind.other(), end(2));
            assert_eq!(line.joined(), Some(Incarnation(2)));
        }
    }

    #[test]
    fn the_newer_connection_closes_the_older_one() {
        let mut line = Line::default();
        let older = end(1);
        line.attach(LinkKind::Sessions, older.clone());
        line.attach(LinkKind::Sessions, end(1));
        assert!(older.outbox.is_closed());
        assert!(!line.detach(LinkKind::Sessions, &older.outbox));
    }
}
