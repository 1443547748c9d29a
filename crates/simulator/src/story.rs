//! What clients know of one session: what was acknowledged to them, and what may have happened.

use std::collections::{BTreeMap, BTreeSet};

use copal_protocol::session_key::SessionKey;
use copal_replica::live::Live;
use copal_replica::record::Record;

/// What clients know of one session.
#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) key: SessionKey,
    /// Of its id.
    pub(crate) letters: Vec<usize>,
    /// How long it lives without being used, and when it ends at the latest; milliseconds.
    pub(crate) idle: Option<u64>,
    pub(crate) end: Option<u64>,
    /// Whether no wall clock is ever wrong: else nobody knows when it ends at the latest.
    pub(crate) clocks_are_right: bool,
    /// Nobody changes it.
    pub(crate) read_only: bool,
    /// When anybody was last shown it, or had it changed.
    used: u64,
    /// The same, of a use that everybody who holds it may have heard of.
    used_for_sure: u64,
    /// Somebody was told that there is none, while nobody had ended it.
    pub(crate) denied: bool,
    /// Whether it was acknowledged that there is one.
    made: bool,
    /// Whoever made it was told that it is not safe.
    pub(crate) unmade: bool,
    /// Whether anybody wanted it to end, and whether that was acknowledged.
    pub(crate) end_wanted: bool,
    pub(crate) ended: bool,
    /// Each client writes an attribute of its own, with ever higher numbers.
    writers: BTreeMap<usize, Written>,
    /// What writers gave up, because they heard nothing: it may be written at any time, or never.
    late: BTreeSet<(usize, u64)>,
    /// All clients add to one attribute.
    added: Written,
}

/// What was sent arrives within so many milliseconds.
const UNDER_WAY: u64 = 200;

/// How far an attribute went.
#[derive(Debug, Clone, Copy, Default)]
struct Written {
    acknowledged: u64,
    /// The highest that was shown to anybody.
    seen: u64,
    possible: u64,
}

impl Written {
    fn falls_to(&mut self, sure: u64) {
        self.acknowledged = self.acknowledged.min(sure);
        self.seen = self.seen.min(sure);
    }
}

/// The number that an attribute is; 0 when there is none.
fn number_in(live: &Live, name: &str) -> u64 {
    let value = live.attributes.get("/", name);
    let text = value.and_then(|value| std::str::from_utf8(value).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// What was acknowledged to anybody before a request began: it must not be shown less.
#[derive(Debug, Clone, Default)]
pub(crate) struct Floor {
    /// When the request began.
    began: u64,
    made: bool,
    unmade: bool,
    ended: bool,
    writers: BTreeMap<usize, u64>,
    added: u64,
}

/// What a client does to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Writes its own attribute.
    Write(usize, u64),
    /// Adds one.
    Add,
    /// Ends it.
    End,
    /// Gives it a new proof.
    Rotate,
}

impl Story {
    pub(crate) const fn new(
        key: SessionKey,
        letters: Vec<usize>,
        idle: Option<u64>,
        end: Option<u64>,
    ) -> Self {
        Self {
            key,
            letters,
            idle,
            end,
            clocks_are_right: true,
            used: 0,
            used_for_sure: 0,
            denied: false,
            read_only: false,
            made: false,
            unmade: false,
            end_wanted: false,
            ended: false,
            writers: BTreeMap::new(),
            late: BTreeSet::new(),
            added: Written { acknowledged: 0, seen: 0, possible: 0 },
        }
    }

    /// It was made.
    pub(crate) const fn begins(&mut self, now: u64) {
        self.made = true;
        self.uses(now);
    }

    const fn uses(&mut self, now: u64) {
        if now >= self.used + UNDER_WAY {
            self.used_for_sure = self.used;
        }
        self.used = now;
    }

    /// A server was killed, and what it had sent is lost: also that it was used just now.
    pub(crate) const fn forgets_uses(&mut self, now: u64) {
        if now < self.used + UNDER_WAY {
            self.used = self.used_for_sure;
        }
    }

    /// Whether it may have ended by itself.
    pub(crate) fn is_over(&self, now: u64) -> bool {
        let unused = self.idle.is_some_and(|idle| now > self.used + idle);
        self.made && (unused || self.end.is_some_and(|end| now > end))
    }

    /// What was acknowledged so far.
    pub(crate) fn floor(&self, began: u64) -> Floor {
        let writers =
            self.writers.iter().map(|(client, one)| (*client, one.acknowledged.max(one.seen)));
        let added = self.added.acknowledged.max(self.added.seen);
        let (made, unmade, ended) = (self.made, self.unmade, self.ended);
        Floor { began, made, unmade, ended, writers: writers.collect(), added }
    }

    /// The number that a client writes next.
    pub(crate) fn next(&self, client: usize) -> u64 {
        self.writers.get(&client).map_or(1, |one| one.possible + 1)
    }

    /// A deed is about to be done, perhaps.
    pub(crate) fn attempted(&mut self, deed: Deed) {
        match deed {
            Deed::Write(client, number) => {
                let one = self.writers.entry(client).or_default();
                one.possible = one.possible.max(number);
            }
            Deed::Add => self.added.possible += 1,
            Deed::End => self.end_wanted = true,
            Deed::Rotate => {}
        }
    }

    /// Whoever wanted it does not wait any more.
    pub(crate) fn given_up(&mut self, deed: Deed) {
        if let Deed::Write(client, number) = deed {
            self.late.insert((client, number));
        }
    }

    /// Only this is certain any more: what else was acknowledged one server alone had.
    pub(crate) fn survives_as(&mut self, record: Option<&Record>) {
        let live = record.and_then(Record::live);
        let sure = |name: &str| live.map_or(0, |live| number_in(live, name));
        for (client, written) in &mut self.writers {
            written.falls_to(sure(&format!("w{client}")));
        }
        self.added.falls_to(sure("sum"));
        self.made &= record.is_some();
        self.ended &= record.is_none_or(|record| record.live().is_none());
    }

    /// It was certainly not done.
    pub(crate) fn refused(&mut self, deed: Deed) {
        if deed == Deed::Add {
            self.added.possible -= 1;
        }
    }

    /// It was done.
    pub(crate) fn acknowledged(&mut self, deed: Deed, now: u64) {
        self.uses(now);
        match deed {
            Deed::Write(client, number) => {
                let one = self.writers.entry(client).or_default();
                one.acknowledged = one.acknowledged.max(number);
            }
            Deed::Add => self.added.acknowledged += 1,
            Deed::End => self.ended = true,
            Deed::Rotate => {}
        }
    }

    /// Looks at what a client was shown. `strict`: nothing may be older than what was acknowledged
    /// before; else it may only not be something that nobody ever wrote.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn shown(
        &mut self,
        record: &Record,
        floor: &Floor,
        strict: bool,
        now: u64,
    ) -> Result<(), String> {
        self.uses(now);
        if self.clocks_are_right && self.end.is_some_and(|end| floor.began > end) {
            return Err("invariant 6: a session is shown after its end".into());
        }
        let Some(live) = record.live() else { return Err("an ended session is shown".into()) };
        if record.key != self.key {
            return Err("another session is shown".into());
        }
        if strict && floor.ended {
            return Err("invariant 2: a session is shown that had ended".into());
        }
        if strict && floor.unmade {
            return Err("a session is shown whose making was refused".into());
        }
        let number = |name: &str| number_in(live, name);
        for (client, written) in &mut self.writers {
            let value = number(&format!("w{client}"));
            let least = floor.writers.get(client).copied().unwrap_or_default();
            if strict && value < least && !self.late.contains(&(*client, value)) {
                return Err(format!(
                    "invariant 11: w{client} is {value}, and {least} was acknowledged before"
                ));
            }
            if value > written.possible {
                return Err(format!("w{client} is {value}, which nobody ever wrote"));
            }
            // What anybody has seen must not be taken back either.
            written.seen = written.seen.max(value);
        }
        let sum = number("sum");
        if strict && sum < floor.added {
            return Err(format!("invariant 12: the sum is {sum}, of {} additions", floor.added));
        }
        if sum > self.added.possible {
            return Err(format!(
                "invariant 12: the sum is {sum}, and only {} were tried",
                self.added.possible
            ));
        }
        self.added.seen = self.added.seen.max(sum);
        Ok(())
    }

    /// Whether the session must be there, after what was acknowledged before a request began.
    pub(crate) fn must_be_there(&self, floor: &Floor, now: u64) -> bool {
        // A server counts from when it took the request; the answer may have waited for the others until
        // the longest time-out that a plan has.
        let unused = self.idle.is_some_and(|idle| now + 1_500 > self.used + idle);
        let over = self.end.is_some_and(|end| now + 100 > end || !self.clocks_are_right);
        floor.made && !self.end_wanted && !unused && !over
    }

    /// A client was told that there is no such session.
    ///
    /// # Errors
    /// What is wrong.
    pub(crate) fn absent(&self, floor: &Floor, strict: bool, now: u64) -> Result<(), String> {
        if strict && self.must_be_there(floor, now) {
            return Err(
                "invariant 1 or 6: a session is gone that was used, and that nobody ended".into()
            );
        }
        Ok(())
    }
}
