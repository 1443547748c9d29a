//! The question who acts for a session, put to all the others, and what follows from the answers.

use std::collections::BTreeMap;
use std::time::Duration;

use copal_protocol::server_index::ServerIndex;

use crate::epoch::Epoch;
use crate::holders::{Holder, Holders, Standing};
use crate::merge::Line;
use crate::opinion::{Help, Opinion};
use crate::record::Record;
use crate::server_id::ServerId;

/// The question who acts for a session, put to all the others at once by a server that would act if
/// nobody does.
///
/// All of them are asked, and not only those that the id names: an acting owner may have taken a
/// substitute of which nobody here knows. And of two servers that ask at the same time each hears
/// of the other; the one with the lower proposal gives way. Times are running time of this server.
#[derive(Debug)]
pub struct Inquiry {
    question: Question,
    begun: Duration,
    /// For how long an answer is waited for.
    timeout: Duration,
    /// What this server would say.
    own: Opinion,
    others: BTreeMap<ServerId, Asked>,
}

/// What the others are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// Who asks.
    pub asker: ServerId,
    /// The highest epoch that the asker knows of: whether its server is heard.
    pub about: Option<Epoch>,
    /// The epoch that the asker would begin.
    pub proposal: Epoch,
}

/// A server that is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    /// Which one.
    pub server: ServerId,
    /// Its place, by which epochs name it.
    pub index: ServerIndex,
    /// Whether the session's id names it.
    pub named: bool,
    /// Whether its process is known to have ended.
    pub ended: bool,
}

/// What follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Nothing yet. Look again when there is another answer, or at this time.
    Wait(Duration),
    /// Ask anew at this time, with what is known by then.
    Again(Duration),
    /// This server acts.
    Acts(ServerId),
    /// Nobody here hears the acting owner, but this server does: it passes on what there is to say.
    Relay(ServerId),
    /// Nobody acts: the epoch that was proposed may begin.
    Begin(Box<Beginning>),
    /// There is no such session.
    Absent,
    /// There may be one: a server that could have it does not answer.
    Unknown,
}

/// With what a new epoch begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beginning {
    /// The record with the highest version that was shown.
    pub newest: Record,
    /// Everything that was shown, in one.
    pub line: Line,
    /// All servers that hold, or may hold, a copy. Nobody has confirmed anything of the new epoch.
    pub holders: Holders,
    /// Something newer may be on a server that did not answer. That is counted.
    pub degraded: bool,
}

/// One that was asked.
#[derive(Debug)]
struct Asked {
    index: ServerIndex,
    named: bool,
    heard: Heard,
}

#[derive(Debug)]
enum Heard {
    Nothing,
    /// Its process has ended: it acts for nobody any more.
    Ended,
    /// And when it was said.
    Opinion(Box<Opinion>, Duration),
}

impl Inquiry {
    /// Begins to ask; to send the question to all `witnesses` is left to whoever calls this.
    #[must_use]
    pub fn begin(
        question: Question,
        own: Opinion,
        witnesses: &[Witness],
        timeout: Duration,
        now: Duration,
    ) -> Self {
        let others = witnesses.iter().map(|witness| {
            let heard = if witness.ended { Heard::Ended } else { Heard::Nothing };
            let asked = Asked { index: witness.index, named: witness.named, heard };
            (witness.server, asked)
        });
        Self { question, begun: now, timeout, own, others: others.collect() }
    }

    /// One of them has answered.
    pub fn hear(&mut self, from: ServerId, opinion: Opinion, now: Duration) {
        if let Some(asked) = self.others.get_mut(&from) {
            asked.heard = Heard::Opinion(Box::new(opinion), now);
        }
    }

    /// The process of one of them has ended.
    pub fn ended(&mut self, server: ServerId) {
        if let Some(asked) = self.others.get_mut(&server) {
            asked.heard = Heard::Ended;
        }
    }

    /// What follows from what was heard. `known` is the highest epoch that this server knows of by
    /// now, its own proposal not counted; `failed` could not relay.
    #[must_use]
    pub fn find(&self, known: Option<Epoch>, failed: &[ServerId], now: Duration) -> Finding {
        let highest = self.highest();
        if let Some(acting) = self.acting(highest) {
            return Finding::Acts(acting);
        }
        let end = self.begun + self.timeout;
        if now < end && self.silent().next().is_some() {
            return Finding::Wait(end);
        }
        // Somebody else was faster: next time it will say that it acts.
        if known.max(highest) >= Some(self.question.proposal) {
            return Finding::Again(now);
        }
        let (Some(highest), Some(newest)) = (highest, self.newest()) else {
            return if highest.is_some() { Finding::Unknown } else { self.nothing_found() };
        };
        let is_over = self.is_over(highest);
        if !is_over {
            // They were asked whether they hear another server.
            if self.question.about < Some(highest) {
                return Finding::Again(now);
            }
            if let Some(server) = self.relay(failed) {
                return Finding::Relay(server);
            }
        }
        match self.helps_at(newest) {
            Some(at) if !is_over => Finding::Again(at),
            _ => Finding::Begin(Box::new(self.beginning(highest, newest))),
        }
    }

    /// The highest epoch that anybody knew of.
    fn highest(&self) -> Option<Epoch> {
        let others = self.opinions().filter_map(|(_, opinion)| opinion.knows);
        others.chain(self.question.about).max()
    }

    /// The one that acts by that epoch, and says so.
    fn acting(&self, highest: Option<Epoch>) -> Option<ServerId> {
        let mut opinions = self.opinions();
        let acts = opinions.find(|(_, opinion)| opinion.acts && opinion.knows == highest);
        acts.map(|(server, _)| server)
    }

    /// Whether the server of that epoch has ended, or says that it does not act.
    fn is_over(&self, highest: Epoch) -> bool {
        self.others.values().any(|asked| {
            asked.index == highest.server
                && match &asked.heard {
                    Heard::Nothing => false,
                    Heard::Ended => true,
                    Heard::Opinion(opinion, _) => !opinion.acts,
                }
        })
    }

    fn relay(&self, failed: &[ServerId]) -> Option<ServerId> {
        let mut opinions = self.opinions();
        let hears = opinions.find(|(server, one)| one.hears_acting && !failed.contains(server));
        hears.map(|(server, _)| server)
    }

    /// Those that may know something and have not said it.
    fn silent(&self) -> impl Iterator<Item = &Asked> {
        self.others.values().filter(|asked| match &asked.heard {
            Heard::Nothing => true,
            Heard::Ended => false,
            Heard::Opinion(opinion, _) => opinion.may_miss && opinion.record.is_none(),
        })
    }

    /// Nobody has a copy: whether that means that there is none.
    fn nothing_found(&self) -> Finding {
        let missing = |asked: &Asked| match &asked.heard {
            // What an ended process held may still be on its disk.
            Heard::Ended => asked.named,
            Heard::Nothing => true,
            Heard::Opinion(opinion, _) => opinion.may_miss,
        };
        let unsure = self.own.may_miss || self.others.values().any(missing);
        if unsure { Finding::Unknown } else { Finding::Absent }
    }

    /// When somebody will help, if nobody does now. An acting owner speaks only while it can rely on
    /// every holder that has everything, so one of these is enough; where none of them answers, this
    /// server must at least not have been relied on itself.
    fn helps_at(&self, newest: &Record) -> Option<Duration> {
        let current = |server: ServerId, opinion: &Opinion| {
            let listed = newest.holders.get(server);
            listed.is_some_and(|one| is_current(one, opinion))
        };
        let others = self.others.iter().filter_map(|(server, asked)| match &asked.heard {
            Heard::Opinion(opinion, said) if current(*server, opinion) => {
                Some((opinion.help, *said))
            }
            _ => None,
        });
        let own = (self.own.help, self.begun);
        let mut helpers: Vec<(Help, Duration)> = others.collect();
        if current(self.question.asker, &self.own) || helpers.is_empty() {
            helpers.push(own);
        }
        let at = |(help, said): (Help, Duration)| match help {
            Help::Now => None,
            Help::In(time) => Some(said + time),
        };
        // `None` is lower than any time.
        helpers.into_iter().map(at).min().flatten()
    }

    fn beginning(&self, highest: Epoch, newest: &Record) -> Beginning {
        let lines = self.records().map(|(.., record)| Line::of(record));
        let line = lines.reduce(Line::merge).unwrap_or_else(|| Line::of(newest));
        let silent = self.silent().any(|asked| asked.index != highest.server);
        let known_current = self.records().any(|(server, opinion, record)| {
            let listed = newest.holders.get(server);
            record.version == newest.version && listed.is_some_and(|one| is_current(one, opinion))
        });
        let (holders, all_listed) = self.holders();
        let degraded = silent || !known_current || !all_listed;
        Beginning { newest: newest.clone(), line, holders, degraded }
    }

    /// Everybody whom any record lists, and whether all of them fitted.
    fn holders(&self) -> (Holders, bool) {
        let (mut holders, mut all) = (Holders::default(), true);
        for holder in self.records().flat_map(|(.., record)| record.holders.iter()) {
            let known = holders.get(holder.server);
            if known.is_none_or(|known| known.incarnation < holder.incarnation) {
                all &= holders.put(Holder { standing: Standing::Behind, ..*holder });
            }
        }
        (holders, all)
    }

    fn newest(&self) -> Option<&Record> {
        self.records().map(|(.., record)| record).max_by_key(|record| record.version)
    }

    fn records(&self) -> impl Iterator<Item = (ServerId, &Opinion, &Record)> {
        let all = self.opinions().chain([(self.question.asker, &self.own)]);
        all.filter_map(|(server, opinion)| Some((server, opinion, opinion.record.as_deref()?)))
    }

    fn opinions(&self) -> impl Iterator<Item = (ServerId, &Opinion)> {
        self.others.iter().filter_map(|(server, asked)| match &asked.heard {
            Heard::Opinion(opinion, _) => Some((*server, &**opinion)),
            Heard::Nothing | Heard::Ended => None,
        })
    }
}

/// Whether a holder was listed as having everything, and is still in the start in which it had it.
fn is_current(listed: &Holder, opinion: &Opinion) -> bool {
    listed.standing == Standing::Current && listed.incarnation == opinion.incarnation
}

#[cfg(test)]
mod tests;
