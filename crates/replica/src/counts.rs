//! How often the ring did what is worth knowing.

/// How often the ring did what is worth knowing, since this server was started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Sessions that this server made.
    pub created: u64,
    /// Sessions that it ended because they were not used, or had lived long enough.
    pub expired: u64,
    /// Sessions that it ended because there was no room for them.
    pub crowded_out: u64,
    /// Sessions whose content was put away, because it is on the disk.
    pub stowed: u64,
    /// Sessions whose content was read from the disk again.
    pub fetched: u64,
    /// Sessions whose content the disk did not give back, so that the others had to be asked.
    pub unreadable: u64,
    /// Sessions for which it began to act because nobody else did.
    pub takeovers: u64,
    /// Those of them of which something newer may be on a server that did not answer.
    pub degraded_takeovers: u64,
    /// Changes that were acknowledged although fewer servers have them than should.
    pub degraded: u64,
    /// Lines that were merged after they went on apart.
    pub merges: u64,
    /// Sessions that it gave to another server to act for.
    pub granted: u64,
    /// Sessions that it was given.
    pub accepted: u64,
    /// Sessions for which somebody else acted all of a sudden.
    pub deposed: u64,
    /// Calls that were sent on to another server.
    pub forwarded: u64,
    /// Calls of another server that were sent on.
    pub relayed: u64,
    /// Times that others were asked who acts.
    pub inquiries: u64,
    /// Times that an acting owner asked whether it still is one.
    pub confirmations: u64,
    /// Answers "there may be such a session".
    pub unknown: u64,
    /// Those of them that were given because too many ids were asked for of which nothing is known.
    pub curbed: u64,
    /// Answers "there is none" that had been found a moment before.
    pub spared: u64,
    /// Holders that were taken because copies were missing.
    pub substitutes: u64,
    /// Holders that were left behind because they did not confirm something in time.
    pub late: u64,
    /// Copies that came back to a server that was away.
    pub healed: u64,
    /// Copies that were dropped because there were too many.
    pub shed: u64,
    /// Ids that were rotated.
    pub rotations: u64,
    /// Ended sessions of which everybody knows, and which were forgotten.
    pub forgotten: u64,
    /// Calls that nobody answered in time.
    pub failed: u64,
}

impl Counts {
    /// Each with its name.
    #[must_use]
    pub fn rows(&self) -> [(&'static str, u64); 27] {
        [
            ("created", self.created),
            ("expired", self.expired),
            ("crowded out", self.crowded_out),
            ("stowed", self.stowed),
            ("fetched", self.fetched),
            ("unreadable", self.unreadable),
            ("takeovers", self.takeovers),
            ("degraded takeovers", self.degraded_takeovers),
            ("degraded", self.degraded),
            ("merges", self.merges),
            ("granted", self.granted),
            ("accepted", self.accepted),
            ("deposed", self.deposed),
            ("forwarded", self.forwarded),
            ("relayed", self.relayed),
            ("inquiries", self.inquiries),
            ("confirmations", self.confirmations),
            ("unknown", self.unknown),
            ("curbed", self.curbed),
            ("spared", self.spared),
            ("substitutes", self.substitutes),
            ("late holders", self.late),
            ("healed", self.healed),
            ("shed", self.shed),
            ("rotations", self.rotations),
            ("forgotten", self.forgotten),
            ("failed", self.failed),
        ]
    }
}
