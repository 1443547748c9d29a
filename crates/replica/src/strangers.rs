//! What sessions of which nothing is known here may cost.

use copal_protocol::session_key::SessionKey;

use crate::allowance::Allowance;
use crate::call::Order;
use crate::denials::Denials;
use crate::surroundings::Surroundings;

/// What sessions of which nothing is known here may cost: anybody can make up ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Strangers {
    pub(crate) allowance: Allowance,
    denials: Denials,
}

impl Strangers {
    /// All servers that an id names have said that there is no such session.
    ///
    /// A session that is made under this very id meanwhile must be seen. So it is kept only where its maker
    /// cannot pass by: on the server that the id names first. An id that is new is made there; and one that
    /// a client has brought and another server adopts has its second copy there, before anybody is told that
    /// it was made.
    pub(crate) fn deny(&mut self, key: SessionKey, order: &Order, around: &Surroundings<'_>) {
        let is_first = order.first() == Some(&around.own.server);
        if is_first && around.is_ready() && around.safety.copies > 1 {
            self.denials.keep(key, order.clone(), around.clock());
        }
    }

    /// Whether that was so a moment ago.
    pub(crate) fn denies(
        &mut self,
        key: SessionKey,
        order: &Order,
        around: &Surroundings<'_>,
    ) -> bool {
        around.is_ready() && self.denials.has(key, order, around.clock())
    }

    /// Something is here of a session.
    pub(crate) fn are_met(&mut self, key: SessionKey) {
        self.denials.forget(key);
    }
}
