//! Requests for sessions that nobody has been given, or not yet.

use copal_protocol::session_key::SessionKey;
use copal_replica::act::Ticket;
use copal_replica::answer::Answer;
use copal_replica::call::{Call, Order, Want};

use crate::moment::Moment;
use crate::process::Arrival;
use crate::users::{Users, order_of};
use crate::verdict::kind_of;

/// Requests of a flood: few enough to be all asked about, or far more than a server asks about.
const SIZES: [u64; 3] = [60, 60, 400];

impl Users {
    /// Many requests with ids that nobody was given.
    pub(crate) fn flood(&mut self, moment: &mut Moment<'_>) {
        if moment.takers.is_empty() {
            return;
        }
        for _ in 0..SIZES[moment.chance.place(SIZES.len())] {
            self.last += 1;
            let ticket = Ticket(self.last);
            let text = format!("fld{:08}", self.last);
            let Some(key) = SessionKey::parse(text.as_bytes()) else { continue };
            let letters: Vec<usize> = (0..3).map(|_| moment.chance.place(8)).collect();
            let call =
                Call { key, order: order_of(&letters, moment.table), want: Want::Load(None) };
            let server = moment.takers[moment.chance.place(moment.takers.len())];
            self.flood.insert(ticket);
            moment.out.push((server, Arrival::Call(ticket, Box::new(call))));
        }
    }

    /// What became of one.
    pub(crate) fn flooded(&mut self, answer: &Answer) {
        if !matches!(answer, Answer::Absent | Answer::Unknown | Answer::Failed) {
            self.wrong.push(format!("{} for an id that nobody was given", kind_of(answer)));
        }
    }

    /// In the moment in which a session is made somebody asks for it already, anywhere: that there is none
    /// yet must not be remembered for longer than it is so.
    pub(crate) fn come_early(&mut self, key: SessionKey, order: &Order, moment: &mut Moment<'_>) {
        if !moment.plan.floods {
            return;
        }
        for server in moment.takers {
            self.last += 1;
            let ticket = Ticket(self.last);
            let call = Call { key, order: order.clone(), want: Want::Load(None) };
            self.early.insert(ticket);
            moment.out.push((*server, Arrival::Call(ticket, Box::new(call))));
        }
    }
}
