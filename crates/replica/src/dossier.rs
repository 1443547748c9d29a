//! A session on one server, whether what it holds is in memory or only on the disk.

use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::answer::Answer;
use crate::effects::{Effects, Fetch};
use crate::frame::Frame;
use crate::happening::Happening;
use crate::last_use::LastUse;
use crate::place::Place;
use crate::record::Record;
use crate::residents::Stay;
use crate::seat::Seat;
use crate::server_id::ServerId;
use crate::surroundings::Surroundings;
use crate::usage::restore;
use crate::waiting::{Origin, Waiting};

/// A session on one server. Times are running time.
///
/// What the session holds may be on the disk only. Then what decides is still in memory: its version,
/// its holders, when it was used. What can be done with that is tried, on a draft; where something comes
/// of it that needs more, the draft is thrown away, what the session holds is fetched, and whatever
/// happens meanwhile waits for that in its order.
#[derive(Debug, Clone)]
pub(crate) struct Dossier {
    seat: Seat,
    stowed: Option<Stowed>,
    /// How it is listed among those whose content is in memory.
    pub(crate) stay: Option<Stay>,
}

/// What the session holds is on the disk only.
#[derive(Debug, Clone, Default)]
struct Stowed {
    /// It is being fetched: the number of that, and since when.
    fetch: Option<(u64, Duration)>,
    /// What waits for that.
    waiting: Vec<(Happening, Duration)>,
}

/// How long the disk may take where another server could help instead.
const PATIENCE: Duration = Duration::from_secs(3);
const _: () = assert!(PATIENCE.as_secs() < Waiting::PATIENCE.as_secs());

impl Dossier {
    /// Nothing is known of the session.
    pub(crate) fn new(key: SessionKey, now: Duration) -> Self {
        Self { seat: Seat::new(key, now), stowed: None, stay: None }
    }

    /// The session as this server's disk had it. Where it is `stowed`, what it holds stays there.
    pub(crate) fn restore(&mut self, record: Record, kept: LastUse, stowed: bool, now: Duration) {
        let is_live = record.live().is_some();
        restore(&mut self.seat.post, record, kept, now);
        if stowed && is_live {
            self.seat.stow();
            self.stowed = Some(Stowed::default());
        }
    }

    /// When it was last used, as far as this server knows.
    pub(crate) const fn used(&self) -> LastUse {
        self.seat.post.used
    }

    /// The server at which it was found last.
    pub(crate) const fn found_at(&self) -> Option<ServerId> {
        self.seat.post.hint
    }

    /// It was found there, if anywhere.
    pub(crate) const fn expect_at(&mut self, server: Option<ServerId>) {
        self.seat.post.hint = server;
    }

    /// What this server is for the session.
    pub(crate) const fn place(&self) -> &Place {
        self.seat.place()
    }

    /// Whether something is here that must not be forgotten.
    pub(crate) fn is_used(&self) -> bool {
        self.seat.is_used() || self.is_busy()
    }

    /// Whether something is under way, so that time must not pass unnoticed.
    pub(crate) fn is_busy(&self) -> bool {
        self.is_fetched() || self.seat.is_busy()
    }

    /// Whether it is being fetched from the disk.
    pub(crate) fn is_fetched(&self) -> bool {
        self.stowed.as_ref().is_some_and(|stowed| stowed.fetch.is_some())
    }

    /// Whether what it holds takes room in memory.
    pub(crate) fn is_resident(&self) -> bool {
        self.stowed.is_none() && self.place().record().is_some_and(|one| one.live().is_some())
    }

    /// Its record is on the disk as it is, and need not be in memory. Returns whether it went.
    pub(crate) fn stow(&mut self) -> bool {
        let goes = self.is_resident() && !self.is_busy();
        if goes {
            self.seat.stow();
            self.stowed = Some(Stowed::default());
        }
        goes
    }

    /// Something happens. `may_fetch`: what nobody waits for may need the disk, too.
    pub(crate) fn on(
        &mut self,
        happening: Happening,
        may_fetch: bool,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let Some(stowed) = &self.stowed else { return self.seat.on(happening, around, out) };
        if happening.is_idle() {
            return self.wait_on(around, out);
        }
        let is_quiet = stowed.fetch.is_none();
        if is_quiet && happening.may_do_without() && self.does_without(&happening, around, out) {
            return;
        }
        let cares = matches!(happening, Happening::Care);
        if cares && !(is_quiet && may_fetch) {
            return;
        }
        self.fetch(happening, around, out);
    }

    /// What was asked of the disk under this number is there, or cannot be had.
    pub(crate) fn fetched(
        &mut self,
        number: u64,
        record: Option<Record>,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        let is_it = |stowed: &Stowed| stowed.fetch.is_some_and(|(asked, _)| asked == number);
        if !self.stowed.as_ref().is_some_and(is_it) {
            return;
        }
        let version = self.place().record().map(|record| record.version);
        let record = record.filter(|record| Some(record.version) == version && !record.is_stowed());
        self.go_on(record, around, out);
    }

    /// Does what can be done without what the session holds. Returns whether that was all.
    fn does_without(
        &mut self,
        happening: &Happening,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) -> bool {
        let (mut seat, mut draft) = (self.seat.clone(), out.draft());
        seat.on(happening.clone(), around, &mut draft);
        let is_there = seat.place().record().is_some();
        let sent = draft.frames.iter().filter_map(|(.., frame)| frame.record());
        let needs_more = seat.is_busy()
            || (is_there && !draft.changed.is_empty())
            || sent.into_iter().any(Record::is_stowed);
        if needs_more {
            return false;
        }
        self.seat = seat;
        out.adopt(draft);
        if !is_there {
            self.stowed = None;
        }
        true
    }

    fn fetch(&mut self, happening: Happening, around: &Surroundings<'_>, out: &mut Effects) {
        let Some(stowed) = &mut self.stowed else { return };
        stowed.waiting.push((happening, around.now));
        if stowed.fetch.is_none() {
            let number = out.number();
            stowed.fetch = Some((number, around.now));
            out.fetches.push(Fetch { key: self.seat.key(), number });
        }
    }

    /// The disk takes its time. Where another server has everything and is there, that one is asked;
    /// else no call waits for ever.
    fn wait_on(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        let key = self.seat.key();
        let Some(stowed) = &mut self.stowed else { return };
        let is_late = |since: Duration, most| around.now >= since + most;
        if stowed.fetch.is_some_and(|(_, since)| is_late(since, PATIENCE))
            && has_other_holder(self.seat.place(), around)
        {
            return self.go_on(None, around, out);
        }
        let is_over = |one: &mut (Happening, Duration)| {
            matches!(one.0, Happening::Call { .. }) && is_late(one.1, Waiting::PATIENCE)
        };
        let over: Vec<_> = stowed.waiting.extract_if(.., is_over).collect();
        for (happening, _) in over {
            let Happening::Call { origin, .. } = happening else { continue };
            out.counts.failed += 1;
            match origin {
                Origin::Here(ticket) => out.answers.push((ticket, Answer::Failed)),
                Origin::There(server, number) => {
                    let answer = Box::new(Answer::Failed);
                    out.send(server, key, Frame::Answer { number, answer });
                }
            }
        }
    }

    /// What the session holds is here again, or cannot be had: what waited for that happens.
    fn go_on(&mut self, record: Option<Record>, around: &Surroundings<'_>, out: &mut Effects) {
        let Some(stowed) = self.stowed.take() else { return };
        match record {
            Some(record) => {
                out.counts.fetched += 1;
                self.seat.fetch(record.content);
            }
            None => self.seat.lose(around, out),
        }
        for (happening, _) in stowed.waiting {
            self.seat.on(happening, around, out);
        }
    }
}

/// Whether a server that has everything, and is not this one, is there.
fn has_other_holder(place: &Place, around: &Surroundings<'_>) -> bool {
    let holders = place.record().into_iter().flat_map(|record| record.holders.current());
    let mut others = holders.filter(|holder| holder.server != around.own.server);
    others.any(|holder| {
        let present = around.incarnation(holder.server) == Some(holder.incarnation);
        present && around.reaches(holder.server)
    })
}
