//! The sessions whose content is in memory, the least used first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::attributes::WebAppPath;
use crate::place::Place;
use crate::record::Record;

/// Whose a session is that takes room in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// This server acts for it. Web-apps are numbered as a shard meets them.
    Own(usize),
    /// Another server does, or nobody.
    Others,
}

/// How a session is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stay {
    whose: Whose,
    used: Duration,
}

/// The sessions whose content is in memory, the least used first. Times are running time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Residents {
    web_apps: Vec<WebAppPath>,
    lists: BTreeMap<Whose, BTreeSet<(Duration, SessionKey)>>,
}

/// Who was used less long ago than this is not listed anew: a session is used far more often than the
/// order matters.
const FINE: Duration = Duration::from_secs(1);

impl Residents {
    /// A session has been looked at: it takes room now, or does not, and was used or not.
    pub(crate) fn note(
        &mut self,
        key: SessionKey,
        place: Option<&Place>,
        stay: &mut Option<Stay>,
        used: bool,
        now: Duration,
    ) {
        let is_same = |stay: &Stay| match place {
            Some(Place::Acts(_)) => stay.whose != Whose::Others,
            Some(Place::Copy(_)) => stay.whose == Whose::Others,
            None => false,
        };
        let is_fresh = |stay: &Stay| !used || now < stay.used + FINE;
        if stay.as_ref().map_or(place.is_none(), |stay| is_same(stay) && is_fresh(stay)) {
            return;
        }
        let before = stay.take();
        if let Some(stay) = before {
            self.lists.entry(stay.whose).or_default().remove(&(stay.used, key));
        }
        let Some(place) = place else { return };
        let whose = match (place, before) {
            (Place::Copy(_), _) => Whose::Others,
            (Place::Acts(_), Some(Stay { whose: whose @ Whose::Own(_), .. })) => whose,
            (Place::Acts(owned), _) => self.web_app_of(owned.record()),
        };
        self.lists.entry(whose).or_default().insert((now, key));
        *stay = Some(Stay { whose, used: now });
    }

    /// How many there are of each kind, with the path of the web-app whose own sessions they are, or
    /// `None` for copies.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Option<&str>, usize)> {
        self.lists.iter().map(|(whose, list)| (self.path(*whose), list.len()))
    }

    /// The least used of one kind, so many at most, each with when it was used last.
    pub(crate) fn least_used(
        &self,
        path: Option<&str>,
        most: usize,
    ) -> impl Iterator<Item = (Duration, SessionKey)> {
        let list = self.lists.iter().find(|(whose, _)| self.path(**whose) == path);
        list.into_iter().flat_map(|(_, list)| list.iter().copied()).take(most)
    }

    fn path(&self, whose: Whose) -> Option<&str> {
        match whose {
            Whose::Own(number) => self.web_apps.get(number).map(|path| &**path),
            Whose::Others => None,
        }
    }

    /// Sessions that several web-apps share count for the first of these.
    fn web_app_of(&mut self, record: &Record) -> Whose {
        let path = record.live().and_then(|live| live.attributes.first_web_app()).unwrap_or("/");
        let known = self.web_apps.iter().position(|known| &**known == path);
        Whose::Own(known.unwrap_or_else(|| {
            self.web_apps.push(path.into());
            self.web_apps.len() - 1
        }))
    }
}
