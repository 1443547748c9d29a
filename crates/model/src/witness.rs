//! What clients were told, and what is wrong about it.

use std::collections::BTreeMap;

use copal_protocol::session_key::SessionKey;
use copal_replica::act::Ticket;
use copal_replica::answer::Answer;
use copal_replica::record::Record;
use copal_replica::version::Version;

/// What clients were told so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness {
    /// Who waits, for what.
    waits: BTreeMap<Ticket, Asked>,
    /// Writers whose change was acknowledged, or shown to anybody.
    certain: Vec<usize>,
    ended: bool,
    /// Something was degraded: what is certain is so no more.
    nothing: bool,
    /// The bytes of each version.
    versions: BTreeMap<Version, String>,
    /// What is wrong, if anything.
    pub(crate) wrong: Option<String>,
}

/// What somebody waits for.
#[derive(Debug, Clone)]
enum Asked {
    Write(usize),
    End,
    /// What was certain when it was asked for, and whether it had ended.
    Read(Vec<usize>, bool),
}

/// The attribute of a writer.
pub(crate) fn attribute(writer: usize) -> String {
    format!("w{writer}")
}

impl Witness {
    pub(crate) fn writes(&mut self, ticket: Ticket, writer: usize) {
        self.waits.insert(ticket, Asked::Write(writer));
    }

    pub(crate) fn ends(&mut self, ticket: Ticket) {
        self.waits.insert(ticket, Asked::End);
    }

    pub(crate) fn reads(&mut self, ticket: Ticket) {
        self.waits.insert(ticket, Asked::Read(self.certain.clone(), self.ended));
    }

    /// Something is degraded.
    pub(crate) const fn promised_nothing(&mut self) {
        self.nothing = true;
    }

    /// A client is told something.
    pub(crate) fn hears(&mut self, ticket: Ticket, answer: &Answer) {
        match (self.waits.remove(&ticket), answer) {
            (None, _) => self.is_wrong(format!("{ticket:?} is answered twice")),
            (Some(Asked::Write(writer)), Answer::Done { .. }) => self.certain.push(writer),
            (Some(Asked::End), Answer::Done { .. }) => self.ended = true,
            (Some(Asked::Read(..)), _) if self.nothing => {}
            (Some(Asked::Read(certain, ended)), Answer::Session { record, .. }) => {
                self.is_shown(record, &certain, ended);
            }
            (Some(Asked::Read(_, _)), Answer::Absent) if !self.is_ending() => {
                self.is_wrong("a session is gone that nobody ended".into());
            }
            _ => {}
        }
    }

    fn is_ending(&self) -> bool {
        self.ended || self.waits.values().any(|asked| matches!(asked, Asked::End))
    }

    fn is_shown(&mut self, record: &Record, certain: &[usize], ended: bool) {
        let Some(live) = record.live() else { return self.is_wrong("an end is shown".into()) };
        let has = |writer: &usize| live.attributes.get("/", &attribute(*writer)).is_some();
        if ended {
            self.is_wrong("a session is shown that had ended".into());
        }
        if let Some(writer) = certain.iter().find(|writer| !has(writer)) {
            self.is_wrong(format!("what writer {writer} was told is not shown"));
        }
        // What anybody was shown stays.
        let shown = (0..2).filter(|writer| has(writer) && !self.certain.contains(writer));
        let shown: Vec<usize> = shown.collect();
        self.certain.extend(shown);
    }

    /// A server has this. The same version is the same everywhere.
    pub(crate) fn sees(&mut self, key: SessionKey, record: &Record) {
        // But for holders of whom only a deposed owner knows, which it lists until they are taken in.
        let bytes = format!("{:?} {:?}", record.content, record.seen);
        let known = self.versions.entry(record.version).or_insert_with(|| bytes.clone());
        if *known != bytes {
            self.is_wrong(format!("{key}: {:?} has other bytes elsewhere", record.version));
        }
    }

    pub(crate) fn is_wrong(&mut self, what: String) {
        self.wrong.get_or_insert(what);
    }

    /// Whether everybody was told something.
    pub(crate) fn waits(&self) -> bool {
        !self.waits.is_empty()
    }
}
