//! What happens to a seat, and what becomes of what its session holds.

use copal_protocol::session_key::SessionKey;

use crate::care::crowd_out;
use crate::care::waits_its_turn;
use crate::copy::Reply;
use crate::effects::Effects;
use crate::frame::Frame;
use crate::happening::Happening;
use crate::place::Place;
use crate::record::Content;
use crate::seat::Seat;
use crate::surroundings::Surroundings;

impl Seat {
    /// Which session.
    pub(crate) const fn key(&self) -> SessionKey {
        self.post.key
    }

    /// Something happens.
    pub(crate) fn on(
        &mut self,
        happening: Happening,
        around: &Surroundings<'_>,
        out: &mut Effects,
    ) {
        match happening {
            Happening::Call { call, origin, hops } => self.call(*call, origin, hops, around, out),
            Happening::Frame { from, incarnation, frame } => {
                self.hear(from, incarnation, *frame, around, out);
            }
            Happening::Lost(server) => self.lost(server, around, out),
            Happening::Met(server) => self.met(server, around, out),
            Happening::Tick => self.tick(false, around, out),
            Happening::Care if !self.is_busy() && waits_its_turn(&self.post, around) => {}
            Happening::Care => self.tick(true, around, out),
            Happening::NoRoom => {
                crowd_out(&mut self.post, around, out);
                self.proceed(around, out);
            }
        }
    }

    /// What it holds is on the disk as it is: only the outline stays in memory.
    pub(crate) fn stow(&mut self) {
        self.post.place.stow();
    }

    /// What it holds is in memory again.
    pub(crate) fn fetch(&mut self, content: Content) {
        self.post.place.fetch(content);
    }

    /// The disk does not give back what the session holds: this server has to ask the others.
    pub(crate) fn lose(&mut self, around: &Surroundings<'_>, out: &mut Effects) {
        out.counts.unreadable += 1;
        self.must_act = matches!(self.post.place, Place::Acts(_));
        let acting = self.post.place.begun().and_then(|epoch| around.acting(epoch));
        self.post.place.lose();
        self.post.heard = around.now;
        if let Some(acting) = acting.filter(|one| *one != around.own.server) {
            out.send(acting, self.post.key, Frame::Reply(Reply::Lacks));
        }
        self.proceed(around, out);
    }
}
