//! The question who acts for a session, put to all the others, and what follows from the answers.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::beginning::Beginning;
use crate::epoch::Epoch;
use crate::holders::{Holder, Holders, Standing};
use crate::merge::Line;
use crate::opinion::{Help, Opinion};
use crate::plant::{Plant, has};
use crate::record::Record;
use crate::server_id::ServerId;
use crate::version::Version;
use crate::witness::Witness;

/// The question who acts for a session, put to all the others at once by a server that would act if
/// nobody does.
///
/// All of them are asked, and not only those that the id names: an acting owner may have taken a
/// substitute of which nobody here knows. And of two servers that ask at the same time each hears
/// of the other. The one with the lower proposal gives way for a while, instead of outbidding the
/// other one. Times are running time of this server.
#[derive(Debug, Clone)]
pub struct Inquiry {
    question: Question,
    begun: Duration,
    /// How long somebody else may need to begin what was promised to him.
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
    /// The highest epoch of which the asker knows that it was begun: whether its server is heard.
    pub about: Option<Epoch>,
    /// The epoch that the asker would begin: above all that it knows of, promises too.
    pub proposal: Epoch,
    /// The last change that a request can see in the copy that the asker has: what that holds nobody needs
    /// to send.
    pub has: Option<Version>,
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
    /// The asker acts itself, and nobody says otherwise. These holders did not say anything.
    Confirmed(Vec<ServerId>),
    /// There is no such session.
    Absent,
    /// There may be one: a server that could have it does not answer.
    Unknown,
}

/// One that was asked.
#[derive(Debug, Clone)]
struct Asked {
    witness: Witness,
    /// What it said, and when.
    said: Option<(Box<Opinion>, Duration)>,
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
        let asked = |witness: &Witness| (witness.server, Asked { witness: *witness, said: None });
        let others = witnesses.iter().map(asked).collect();
        Self { question, begun: now, timeout, own, others }
    }

    /// One of them has answered.
    pub fn hear(&mut self, from: ServerId, opinion: Opinion, now: Duration) {
        if let Some(asked) = self.others.get_mut(&from) {
            asked.said = Some((Box::new(opinion.filled_up(self.own.record())), now));
        }
    }

    /// Whether one of them has answered.
    #[must_use]
    pub fn has_heard(&self, server: ServerId) -> bool {
        self.others.get(&server).is_some_and(|asked| asked.said.is_some())
    }

    /// Whether all of them have answered that they have no copy, and are sure.
    #[must_use]
    pub fn all_say_no(&self) -> bool {
        self.others.values().all(Asked::says_no)
    }

    /// The process of one of them has ended. What it said before still counts.
    pub fn ended(&mut self, server: ServerId) {
        if let Some(asked) = self.others.get_mut(&server) {
            asked.witness.ended = true;
        }
    }

    /// One of them does not answer heartbeats any more either: it is not waited for longer than this.
    pub fn falls_silent(&mut self, server: ServerId, patience: Duration) {
        if let Some(asked) = self.others.get_mut(&server) {
            asked.witness.patience = asked.witness.patience.min(patience);
            asked.witness.is_there = false;
        }
    }

    /// What follows from what was heard. `promised` is the highest epoch that this server has
    /// promised to somebody else by now; `failed` could not relay.
    #[must_use]
    pub fn find(&self, promised: Option<Epoch>, failed: &[ServerId], now: Duration) -> Finding {
        let begun = self.begun_epoch();
        if let Some(acting) = self.acting(begun) {
            return Finding::Acts(acting);
        }
        let silent = self.others.values().filter(|asked| asked.is_silent());
        let end = self.begun + silent.map(|asked| asked.witness.patience).max().unwrap_or_default();
        if now < end && !self.is_known_to_none(now) && !has(Plant::AsksNobody) {
            return Finding::Wait(end);
        }
        if self.opinions().any(|(_, opinion)| opinion.is_brief()) {
            // It acts by an epoch that has been overtaken. When it hears of that it shows everything.
            return Finding::Again(now);
        }
        let (Some(begun), Some(newest)) = (begun, self.newest()) else {
            return self.nothing_found(begun);
        };
        // They were asked whether they hear another server.
        if self.question.about < Some(begun) && !self.is_over(begun) {
            return Finding::Again(now);
        }
        if self.own.acts && self.own.begun == Some(begun) {
            // Whoever was promised a higher epoch may be about to act.
            let end = self.begun + self.timeout;
            if self.promised_to_others() > Some(begun) && now < end {
                return Finding::Wait(end);
            }
            return Finding::Confirmed(self.silent_holders(newest));
        }
        let is_over = self.is_over(begun);
        if let Some(server) = self.relay(failed).filter(|_| !is_over) {
            return Finding::Relay(server);
        }
        if promised.max(self.promised_to_others()) >= Some(self.question.proposal) {
            // Somebody else was faster: next time it will say that it acts.
            return Finding::Again(now + self.timeout);
        }
        match self.helps_at(newest) {
            Some(at) if !is_over => Finding::Again(at),
            _ => Finding::Begin(Box::new(self.beginning(begun, newest))),
        }
    }

    /// Whether a server has shown a copy of the newest version, and is still in the start in which it
    /// was given that.
    #[must_use]
    pub fn has_newest(&self, server: ServerId, newest: &Record) -> bool {
        self.records().any(|(from, opinion, record)| {
            let listed = newest.holders.get(server);
            from == server
                && record.version == newest.version
                && listed.is_some_and(|one| is_current(one, opinion))
        })
    }

    /// The highest epoch of which anybody knows that it was begun.
    fn begun_epoch(&self) -> Option<Epoch> {
        let others = self.opinions().filter_map(|(_, opinion)| opinion.begun);
        others.chain(self.question.about).max()
    }

    /// The highest epoch that anybody has promised to another server than the asker.
    fn promised_to_others(&self) -> Option<Epoch> {
        let own = self.question.proposal;
        let promised = self.opinions().filter_map(|(_, opinion)| opinion.promised);
        let is_own =
            |epoch: &Epoch| (epoch.server, epoch.incarnation) == (own.server, own.incarnation);
        promised.filter(|epoch| !is_own(epoch)).max()
    }

    /// The one that acts by that epoch, and says so.
    fn acting(&self, begun: Option<Epoch>) -> Option<ServerId> {
        let mut opinions = self.opinions();
        let acts = opinions.find(|(_, opinion)| opinion.acts && opinion.begun == begun);
        acts.map(|(server, _)| server)
    }

    /// Whether the server of that epoch has ended, or says that it does not act, or is the one that asks
    /// because it does not.
    fn is_over(&self, begun: Epoch) -> bool {
        if begun.server == self.question.proposal.server {
            return !self.own.acts && !self.was_another(begun, self.question.asker);
        }
        let its = |asked: &&Asked| {
            asked.witness.index == begun.server && !self.was_another(begun, asked.witness.server)
        };
        self.others.values().filter(its).any(|asked| {
            asked.witness.ended || asked.said.as_ref().is_some_and(|(opinion, _)| !opinion.acts)
        })
    }

    /// Whether the place of an epoch's server in the table is the one of this server only since: then it
    /// does not know what became of that other one. The copies list both by name.
    fn was_another(&self, begun: Epoch, server: ServerId) -> bool {
        let began = |holder: &&Holder| holder.incarnation == begun.incarnation;
        let listed = self.all_records().flat_map(|(.., record)| record.holders.iter());
        let mut began = listed.filter(began).map(|holder| holder.server).peekable();
        began.peek().is_some() && !began.any(|one| one == server)
    }

    fn relay(&self, failed: &[ServerId]) -> Option<ServerId> {
        let mut opinions = self.opinions();
        let hears = opinions.find(|(server, one)| one.hears_acting && !failed.contains(server));
        hears.map(|(server, _)| server)
    }

    /// No server that the id names has such a session, and nobody else is about to answer who could: it may
    /// have moved on from all servers that its id names, one after the other.
    fn is_known_to_none(&self, now: Duration) -> bool {
        let waits = |asked: &Asked| {
            asked.said.is_none()
                && !asked.witness.ended
                && now < self.begun + asked.witness.patience
        };
        let answers = |asked: &Asked| asked.witness.is_there && waits(asked);
        self.all_named_say_no() && !self.others.values().any(answers)
    }

    /// No server that the id names has such a session, and all of them are sure.
    fn all_named_say_no(&self) -> bool {
        let mut named = self.others.values().filter(|asked| asked.witness.named);
        let asker_says_no = self.own.copy.is_none() && !self.own.may_miss;
        let nothing_known = self.begun_epoch().is_none() && self.newest().is_none();
        nothing_known && asker_says_no && named.all(Asked::says_no)
    }

    /// Nobody has shown a copy that counts: whether that means that there is none.
    fn nothing_found(&self, begun: Option<Epoch>) -> Finding {
        let silent = self.others.values().any(Asked::is_silent);
        let is_gone = self.has_seen_any() && !silent;
        let is_sure = is_gone || (begun.is_none() && self.all_named_say_no());
        if is_sure || has(Plant::UnknownIsGone) { Finding::Absent } else { Finding::Unknown }
    }

    /// Holders that have everything and did not answer.
    fn silent_holders(&self, newest: &Record) -> Vec<ServerId> {
        let current = newest.holders.current().map(|holder| holder.server);
        let silent = current
            .filter(|server| self.others.get(server).is_some_and(|asked| asked.said.is_none()));
        silent.collect()
    }

    /// When somebody will help, if nobody does now. An acting owner speaks only while it can rely on
    /// every holder that has everything, so one of these is enough; where none of them answers, this
    /// server must at least not have been relied on itself.
    fn helps_at(&self, newest: &Record) -> Option<Duration> {
        let current = |server: ServerId, opinion: &Opinion| {
            let listed = newest.holders.get(server);
            listed.is_some_and(|one| is_current(one, opinion))
        };
        let others = self.others.iter().filter_map(|(server, asked)| match &asked.said {
            Some((opinion, said)) if current(*server, opinion) => Some((opinion.help, *said)),
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

    fn beginning(&self, begun: Epoch, newest: &Record) -> Beginning {
        let lines = self.records().map(|(.., record)| Line::of(record));
        let line = lines.reduce(Line::merge).unwrap_or_else(|| Line::of(newest));
        let mut others = self.others.values().filter(|asked| asked.witness.index != begun.server);
        let silent = others.any(Asked::is_silent);
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
                all &= holders.put(holder.behind());
            }
        }
        (holders, all)
    }

    fn newest(&self) -> Option<&Record> {
        self.records().map(|(.., record)| record).max_by_key(|record| record.version)
    }

    fn records(&self) -> impl Iterator<Item = (ServerId, &Opinion, &Record)> {
        self.all_records().filter(|(_, opinion, record)| opinion.acts || !self.is_left_over(record))
    }

    /// Whether somebody has shown a copy, if only one that is left over.
    #[must_use]
    pub fn has_seen_any(&self) -> bool {
        self.all_records().next().is_some()
    }

    fn all_records(&self) -> impl Iterator<Item = (ServerId, &Opinion, &Record)> {
        let all = self.opinions().chain([(self.question.asker, &self.own)]);
        all.filter_map(|(server, opinion)| Some((server, opinion, opinion.record()?)))
    }

    /// Whether a record is what was left on a disk, or where nobody knew of it: a server that had
    /// everything of it, or began a later epoch, and has not been started anew since, has nothing now.
    /// So it has ended, or is elsewhere in a newer version.
    fn is_left_over(&self, record: &Record) -> bool {
        let later = self.begun_epoch().filter(|begun| *begun > record.version.epoch);
        let mut all = self.opinions().chain([(self.question.asker, &self.own)]);
        all.any(|(server, opinion)| {
            let listed = record.holders.get(server);
            let had_all = listed.is_some_and(|one| is_current(one, opinion));
            let began = later.is_some_and(|later| self.has_begun(later, server, opinion));
            (had_all || began) && opinion.copy.is_none() && !opinion.may_miss
        })
    }

    /// Whether a server is the one that has begun an epoch, and still in the same start.
    fn has_begun(&self, epoch: Epoch, server: ServerId, opinion: &Opinion) -> bool {
        let index = match self.others.get(&server) {
            Some(asked) => asked.witness.index,
            None => self.question.proposal.server,
        };
        index == epoch.server && opinion.incarnation == epoch.incarnation
    }

    fn opinions(&self) -> impl Iterator<Item = (ServerId, &Opinion)> {
        self.others.iter().filter_map(|(server, asked)| {
            asked.said.as_ref().map(|(opinion, _)| (*server, &**opinion))
        })
    }
}

impl Asked {
    /// Whether it may know something and has not said it.
    fn is_silent(&self) -> bool {
        match &self.said {
            None => !self.witness.ended,
            Some((opinion, _)) => opinion.may_miss && opinion.copy.is_none(),
        }
    }

    /// Whether it is sure that it has no copy. What an ended process held may still be on its disk.
    fn says_no(&self) -> bool {
        self.said.as_ref().is_some_and(|(opinion, _)| opinion.copy.is_none() && !opinion.may_miss)
    }
}

/// Whether a holder was listed as having everything, and is still in the start in which it had it.
fn is_current(listed: &Holder, opinion: &Opinion) -> bool {
    let is_same = listed.incarnation == opinion.incarnation || has(Plant::ForgetsIncarnations);
    listed.standing == Standing::Current && is_same
}

#[cfg(test)]
mod tests;
