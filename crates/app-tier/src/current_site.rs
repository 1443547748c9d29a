//! The site by which a thread answers its next request.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use copal_serve::drain::Drain;

use crate::in_force::InForce;
use crate::site::Site;

/// The site by which a thread answers its next request: always that of the configuration in force.
/// A request keeps the one that it began with.
pub(crate) struct CurrentSite {
    in_force: Arc<InForce>,
    drain: Drain,
    edition: Cell<u64>,
    site: RefCell<Rc<Site>>,
}

impl CurrentSite {
    /// For one thread.
    pub(crate) fn new(in_force: Arc<InForce>, drain: Drain) -> Self {
        let (edition, plan) = in_force.take();
        let site = Site::new(plan, drain.clone(), None);
        let (edition, site) = (Cell::new(edition), RefCell::new(Rc::new(site)));
        Self { in_force, drain, edition, site }
    }

    /// The site for what begins now.
    pub(crate) fn get(&self) -> Rc<Site> {
        if self.in_force.edition() != self.edition.get() {
            let (edition, plan) = self.in_force.take();
            let site = Site::new(plan, self.drain.clone(), Some(&self.site.borrow()));
            self.site.replace(Rc::new(site));
            self.edition.set(edition);
        }
        Rc::clone(&self.site.borrow())
    }
}
