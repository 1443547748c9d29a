//! What a request knows of its session, and what it wants of it.

use std::collections::BTreeSet;

use copal_protocol::session_id::SessionId;

use crate::changes::Changes;
use crate::error::Error;
use crate::loaded::Loaded;
use crate::seat::{Origin, Seat};

/// What a request knows of its session, and what it wants of it. Behind the short lock of a
/// `Session`.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// What the presented ids came to, once it was asked.
    pub(crate) found: Option<Option<Seat>>,
    /// There may be such a session, on a server that does not answer.
    pub(crate) unknown: bool,
    /// The session that this request made.
    pub(crate) made: Option<Seat>,
    /// What was set and removed and is not carried out yet.
    pub(crate) changes: Changes,
    /// Attributes that were changed before the response was returned.
    pub(crate) counted: BTreeSet<String>,
    /// It was said before the response was returned whose session it is.
    pub(crate) counted_user: bool,
    /// The id is to be rotated.
    pub(crate) rotate: bool,
    /// The session that was presented is destroyed: whatever comes later is another session.
    pub(crate) destroyed: bool,
    /// What was found is still to be ended.
    pub(crate) end_found: bool,
    /// What this request made and destroyed again is still to be ended.
    pub(crate) end_made: Vec<Seat>,
    /// The id that a new session will have, once somebody asked for it.
    pub(crate) fresh: Option<SessionId>,
    /// The id that the session will have after the rotation, once somebody asked for it.
    pub(crate) rotated: Option<SessionId>,
    /// The id of the session that was presented, with letters that lead to it, if its own do not; once
    /// that was looked at.
    pub(crate) moved: Option<Option<SessionId>>,
    /// An id that the client has not got yet.
    pub(crate) untold: Option<SessionId>,
    /// This web-app's session began with this request.
    pub(crate) is_new: bool,
    /// The response was returned: the client can be told of nothing more.
    pub(crate) closed: bool,
    /// The application saves by itself what it changes after that.
    pub(crate) kept_open: bool,
    /// What is not carried out yet is saved when the body of the response has ended.
    pub(crate) awaits_end: bool,
    /// Another response leaves than the application's: nothing is taken any more.
    pub(crate) abandoned: bool,
}

/// Whether all that is wanted is to change attributes of a session that there is.
#[derive(Debug, Clone)]
pub(crate) enum OnlyChanges {
    /// More is wanted: of the id, or of the session as a whole.
    No,
    /// Nothing is wanted.
    None,
    /// Of this one.
    Of(Seat),
}

/// Where a request stands.
#[derive(Debug, Clone)]
pub(crate) enum Sitting {
    /// Nobody has asked yet.
    Unknown,
    /// There is no session.
    Nowhere,
    /// There is this session.
    Here(Seat),
}

impl State {
    pub(crate) fn sitting(&self) -> Sitting {
        match (&self.made, self.destroyed, &self.found) {
            (Some(made), ..) => Sitting::Here(made.clone()),
            (None, true, _) | (None, false, Some(None)) => Sitting::Nowhere,
            (None, false, Some(Some(found))) => Sitting::Here(found.clone()),
            (None, false, None) => Sitting::Unknown,
        }
    }

    /// Whether it is known what the presented ids come to. Else nothing takes their place, and nothing
    /// that was wanted of them is done: neither is a session ended that nobody has found.
    pub(crate) const fn is_known(&self) -> Result<(), Error> {
        if self.unknown { Err(Error::Unknown) } else { Ok(()) }
    }

    /// The session, as far as anybody has asked.
    pub(crate) fn seat(&self) -> Option<Seat> {
        match self.sitting() {
            Sitting::Here(seat) => Some(seat),
            Sitting::Nowhere | Sitting::Unknown => None,
        }
    }

    /// The id of a session from now on, unless it is rotated.
    pub(crate) fn id_of(&self, seat: &Seat) -> SessionId {
        let moved = self.moved.flatten().filter(|moved| moved.key() == seat.id.key());
        // One that was rotated meanwhile has them already.
        moved.filter(|moved| moved.proof_matches(&seat.id)).unwrap_or(seat.id)
    }

    /// Takes no more changes, and drops those that were taken. What this request made and no
    /// client was told of is returned, to be ended.
    pub(crate) fn abandon(&mut self) -> Vec<Seat> {
        let taken = std::mem::take(self);
        *self = Self {
            found: taken.found.clone(),
            unknown: taken.unknown,
            destroyed: taken.destroyed,
            closed: true,
            abandoned: true,
            ..Self::default()
        };
        taken.end_made.into_iter().chain(taken.made).collect()
    }

    /// Whether attributes, and the user, may still be changed.
    pub(crate) fn takes_changes(&self) -> bool {
        let exists = !matches!(self.sitting(), Sitting::Nowhere);
        !self.closed || (self.kept_open && !self.abandoned && exists)
    }

    /// Whether anything has to be carried out.
    pub(crate) fn wants_something(&self) -> bool {
        self.rotate || self.end_found || !self.end_made.is_empty() || !self.changes.is_empty()
    }

    /// Whether all that is wanted is to change attributes of a session that there is.
    pub(crate) fn only_changes(&self) -> OnlyChanges {
        if self.rotate || self.end_found || !self.end_made.is_empty() {
            return OnlyChanges::No;
        }
        match self.sitting() {
            _ if self.changes.is_empty() => OnlyChanges::None,
            Sitting::Here(seat) if seat.member => OnlyChanges::Of(seat),
            // To join a session, or to begin one, is more than a change of it.
            _ if self.changes.sets_something() => OnlyChanges::No,
            _ => OnlyChanges::None,
        }
    }

    /// Whether what is to be carried out is about the session that the client presented.
    pub(crate) fn is_about_presented(&self) -> bool {
        let about_found = self.rotate || !self.changes.is_empty();
        self.end_found || (about_found && self.made.is_none() && !self.destroyed)
    }

    /// Notes a session that this request made.
    pub(crate) fn sit_down(&mut self, id: SessionId) {
        self.made = Some(Seat {
            id,
            was_current: true,
            member: true,
            origin: Origin::Made,
            loaded: Loaded::default(),
        });
        self.untold = Some(id);
        self.fresh = None;
        self.is_new = true;
    }

    /// Notes that the web-app has a part in the session now.
    pub(crate) fn joined(&mut self) {
        if let Some(seat) = self.seat_mut().filter(|seat| !seat.member) {
            seat.member = true;
            self.is_new = true;
        }
    }

    /// Notes that the session has another id now.
    pub(crate) fn rotated_to(&mut self, id: SessionId) {
        if let Some(seat) = self.seat_mut() {
            seat.id = id;
        }
        self.untold = Some(id);
        self.rotated = None;
    }

    /// Forgets everything that was wanted of the session that is to end.
    pub(crate) fn destroy(&mut self) {
        let first = !std::mem::replace(&mut self.destroyed, true);
        let made = self.made.take();
        let taken = std::mem::take(self);
        *self = Self {
            found: taken.found.clone(),
            unknown: taken.unknown,
            destroyed: true,
            end_found: taken.end_found || first,
            end_made: taken.end_made.into_iter().chain(made).collect(),
            kept_open: taken.kept_open,
            ..Self::default()
        };
    }

    fn seat_mut(&mut self) -> Option<&mut Seat> {
        match (&mut self.made, self.destroyed, &mut self.found) {
            (Some(made), ..) => Some(made),
            (None, false, Some(Some(found))) => Some(found),
            _ => None,
        }
    }
}
