//! All users, with what they know.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use copal_protocol::session_key::SessionKey;
use copal_replica::act::Ticket;
use copal_replica::answer::Answer;
use copal_replica::call::{Birth, Call, Order, Want, Wish};
use copal_replica::change::{Add, Base, Change};
use copal_replica::live::WallTime;
use copal_replica::operations::OperationNumber;
use copal_replica::proof::Proof;
use copal_replica::record::Record;

use crate::client::{Client, Made, What};
use crate::moment::Moment;
use crate::process::{Arrival, name, wall};
use crate::story::{Deed, Story};
use crate::table::Table;
use crate::verdict::{kind_of, verdict};

/// All users, with what they know.
#[derive(Debug)]
pub(crate) struct Users {
    pub(crate) clients: Vec<Client>,
    pub(crate) stories: Vec<Story>,
    pub(crate) made: BTreeMap<Ticket, Made>,
    heard: VecDeque<News>,
    /// Requests with ids that nobody was given.
    pub(crate) flood: BTreeSet<Ticket>,
    /// Requests that come before there is a session.
    pub(crate) early: BTreeSet<Ticket>,
    /// When a server last had so many questions that it asked no more.
    pub(crate) curbed: BTreeMap<usize, u64>,
    lost: Vec<usize>,
    pub(crate) last: u64,
    /// What was wrong.
    pub(crate) wrong: Vec<String>,
    /// What was answered, by kind.
    pub(crate) told: BTreeMap<&'static str, u64>,
}

/// What users hear of, in its order.
#[derive(Debug)]
enum News {
    Answer(Ticket, Answer, u64),
    Survives(SessionKey, Option<Box<Record>>),
    ForgetsUses(u64),
}

/// A user who hears nothing for so long tries another server.
const PATIENCE: u64 = 2500;

impl Users {
    pub(crate) fn new(clients: usize) -> Self {
        Self {
            clients: (0..clients).map(|_| Client::default()).collect(),
            stories: Vec::new(),
            made: BTreeMap::new(),
            heard: VecDeque::new(),
            flood: BTreeSet::new(),
            early: BTreeSet::new(),
            curbed: BTreeMap::new(),
            lost: Vec::new(),
            last: 0,
            wrong: Vec::new(),
            told: BTreeMap::new(),
        }
    }

    /// A server has answered.
    pub(crate) fn hear(&mut self, ticket: Ticket, answer: Answer, now: u64) {
        self.heard.push_back(News::Answer(ticket, answer, now));
    }

    /// Of a session not more than this is certain any more.
    pub(crate) fn survives_as(&mut self, key: SessionKey, survivor: Option<Box<Record>>) {
        self.heard.push_back(News::Survives(key, survivor));
    }

    /// That sessions were used just now nobody knows any more.
    pub(crate) fn forgets_uses(&mut self, now: u64) {
        self.heard.push_back(News::ForgetsUses(now));
    }

    fn excuse(&mut self, key: SessionKey, survivor: Option<&Record>) {
        let Some(session) = self.stories.iter().position(|story| story.key == key) else { return };
        let story = &mut self.stories[session];
        story.survives_as(survivor);
        for made in self.made.values_mut().filter(|made| made.session == session) {
            made.floor = story.floor(made.at);
        }
    }

    /// A server was killed: whoever waits for it will hear nothing.
    pub(crate) fn lost(&mut self, server: usize) {
        self.lost.push(server);
    }

    /// What clients do now.
    pub(crate) fn turn(&mut self, works: bool, moment: &mut Moment<'_>) {
        while let Some(news) = self.heard.pop_front() {
            match news {
                News::Answer(ticket, answer, at) => self.answered(ticket, answer, at, moment),
                News::Survives(key, survivor) => self.excuse(key, survivor.as_deref()),
                News::ForgetsUses(at) => {
                    self.stories.iter_mut().for_each(|story| story.forgets_uses(at));
                }
            }
        }
        let lost = std::mem::take(&mut self.lost);
        for client in 0..self.clients.len() {
            let Some(ticket) = self.clients[client].under_way else {
                if works && moment.chance.percent(15) {
                    self.begin(client, moment);
                }
                continue;
            };
            let Some(made) = self.made.get(&ticket).cloned() else { continue };
            if lost.contains(&made.server) || moment.now > made.at + PATIENCE {
                self.clients[client].under_way = None;
                match made.what {
                    What::Load => {
                        self.clients[client].tried.push(made.server);
                        self.load(client, made.session, moment);
                    }
                    What::Do(deed) => self.stories[made.session].given_up(deed),
                    What::Create => {}
                }
            }
        }
    }

    /// Somebody looks at every session by way of this server.
    pub(crate) fn probe(&mut self, server: usize, moment: &mut Moment<'_>) {
        let count = self.stories.len();
        (count.saturating_sub(8)..count).rev().for_each(|one| self.look(one, server, moment));
    }

    /// Somebody looks at a session by way of this server.
    fn look(&mut self, session: usize, server: usize, moment: &mut Moment<'_>) {
        self.last += 1;
        let ticket = Ticket(self.last);
        let story = &self.stories[session];
        let floor = story.floor(moment.now);
        let order = order_of(&story.letters, moment.table);
        let call = Call { key: story.key, order, want: Want::Load(None) };
        let client = self.clients.len() - 1;
        let made = Made {
            client,
            session,
            server,
            at: moment.now,
            floor,
            astray: false,
            what: What::Load,
        };
        self.made.insert(ticket, made);
        moment.out.push((server, Arrival::Call(ticket, Box::new(call))));
    }

    /// A request could not be sent: nobody listens there.
    pub(crate) fn refused(&mut self, ticket: Ticket) {
        if let Some(made) = self.made.remove(&ticket) {
            self.clients[made.client].under_way = None;
            if let What::Do(deed) = made.what {
                self.stories[made.session].refused(deed);
            }
        }
    }

    fn begin(&mut self, client: usize, moment: &mut Moment<'_>) {
        let lives =
            |story: &&Story| !story.end_wanted && !story.unmade && !story.is_over(moment.now);
        let living = self.stories.iter().filter(lives);
        let living = living.count();
        let wanted = moment.plan.births && moment.chance.percent(10);
        if living < moment.plan.sessions || wanted {
            return self.create(client, moment);
        }
        let session = moment.chance.place(self.stories.len());
        self.clients[client].tried.clear();
        self.load(client, session, moment);
    }

    fn create(&mut self, client: usize, moment: &mut Moment<'_>) {
        let session = self.stories.len();
        let Some(key) = SessionKey::parse(format!("key{session:08}").as_bytes()) else { return };
        let makes = |server: &usize| !moment.joining.contains(server);
        let takers: Vec<usize> = moment.takers.iter().copied().filter(makes).collect();
        if takers.is_empty() {
            return;
        }
        let place = moment.chance.place(takers.len());
        let own = takers[place];
        let named = (0..takers.len().min(3)).map(|step| takers[(place + step) % takers.len()]);
        let letters: Vec<usize> = named.filter_map(|one| moment.table.letter(one)).collect();
        let order = order_of(&letters, moment.table);
        let idle = moment.chance.percent(30).then(|| moment.chance.of(4_000..30_000));
        let idle = idle.map(|idle| if moment.plan.time_outs { time_out(idle) } else { idle });
        let end = moment.chance.percent(10).then(|| moment.now + moment.chance.of(5_000..30_000));
        let birth = Birth {
            created: WallTime(wall(moment.now)),
            absolute_end: end.map(|end| WallTime(wall(end))),
            idle: idle.map(Duration::from_millis),
            proof: proof(0),
            user: None,
            web_app: "/".into(),
            attributes: Vec::new(),
        };
        let mut story = Story::new(key, letters, idle, end);
        story.clocks_are_right = !moment.plan.clocks;
        story.read_only = idle.is_some() && moment.chance.percent(40);
        self.stories.push(story);
        self.come_early(key, &order, moment);
        let call = Call { key, order, want: Want::Create(Box::new(birth)) };
        self.send(client, session, own, What::Create, call, moment);
    }

    fn load(&mut self, client: usize, session: usize, moment: &mut Moment<'_>) {
        let story = &self.stories[session];
        let tried = &self.clients[client].tried;
        if moment.takers.is_empty() {
            return;
        }
        let order = order_of(&story.letters, moment.table);
        let numbers = order.iter().map(|server| crate::process::number_of(*server));
        let mut numbers = numbers.filter(|server| moment.takers.contains(server));
        let first = numbers.find(|server| !tried.contains(server));
        let server = match first {
            Some(server) if moment.plan.sticky => server,
            _ => moment.takers[moment.chance.place(moment.takers.len())],
        };
        let call = Call { key: story.key, order, want: Want::Load(None) };
        self.send(client, session, server, What::Load, call, moment);
    }

    #[expect(clippy::too_many_arguments, reason = "everything about one request")]
    fn send(
        &mut self,
        client: usize,
        session: usize,
        server: usize,
        what: What,
        call: Call,
        moment: &mut Moment<'_>,
    ) {
        self.last += 1;
        let ticket = Ticket(self.last);
        let floor = self.stories[session].floor(moment.now);
        if let What::Do(deed) = &what {
            self.stories[session].attempted(*deed);
        }
        self.clients[client].under_way = Some(ticket);
        self.clients[client].session = session;
        self.made.insert(
            ticket,
            Made { client, session, server, at: moment.now, floor, astray: false, what },
        );
        moment.out.push((server, Arrival::Call(ticket, Box::new(call))));
    }

    fn answered(&mut self, ticket: Ticket, answer: Answer, at: u64, moment: &mut Moment<'_>) {
        if self.flood.remove(&ticket) {
            return self.flooded(&answer);
        }
        if self.early.remove(&ticket) {
            return;
        }
        let Some(made) = self.made.remove(&ticket) else {
            return self.wrong.push(format!("{ticket:?} is answered twice"));
        };
        let was_curbed = self.curbed.values().any(|at| *at >= made.at);
        *self.told.entry(kind_of(&answer)).or_default() += 1;
        let story = &mut self.stories[made.session];
        let waits = self.clients[made.client].under_way == Some(ticket);
        if waits {
            self.clients[made.client].under_way = None;
        }
        let verdict = verdict(story, &made, &answer, moment.plan, was_curbed, at);
        if let Err(wrong) = verdict {
            let (key, server) = (story.key, made.server);
            self.wrong.push(format!("at {at}, {key}, from server {server}: {wrong}"));
        }
        if let (true, What::Load, Answer::Session { record, .. }) = (waits, made.what, answer)
            && moment.chance.percent(60)
            && !self.stories[made.session].read_only
        {
            let base = Base::of(&record);
            self.change(made.client, made.session, made.server, base, moment);
        }
    }

    fn change(
        &mut self,
        client: usize,
        session: usize,
        server: usize,
        base: Base,
        moment: &mut Moment<'_>,
    ) {
        let story = &self.stories[session];
        let deed = match moment.chance.of(0..100) {
            0..55 => Deed::Write(client, story.next(client)),
            55..90 => Deed::Add,
            90..95 => Deed::Rotate,
            _ if moment.plan.moves && moment.chance.percent(80) => Deed::Rotate,
            _ => Deed::End,
        };
        let mut change = Change::of("/");
        match deed {
            Deed::Write(_, number) => {
                let value = Some(number.to_string().into());
                change.attributes.insert(format!("w{client}").into(), value);
            }
            Deed::Add => {
                change.add = Some(Add { name: "sum".into(), by: 1 });
                let (server, count) = (name(server), self.last + 1);
                let incarnation = copal_replica::incarnation::Incarnation(0);
                change.number = Some(OperationNumber { server, incarnation, count });
            }
            Deed::End => change.ends = true,
            Deed::Rotate => change.proof = Some(proof(self.last)),
        }
        let what = What::Do(deed);
        let wish = Wish { change, base, made: Vec::new() };
        let want = Want::Change(Box::new(wish));
        let call = Call { key: story.key, order: order_of(&story.letters, moment.table), want };
        self.send(client, session, server, what, call, moment);
        if moment.plan.echoes {
            self.look(session, server, moment);
        }
    }
}

/// The servers that the letters of an id name now.
pub(crate) fn order_of(letters: &[usize], table: &Table) -> Order {
    letters.iter().filter_map(|letter| table.at(*letter)).map(name).collect()
}

/// From a second to ten minutes, instead of a few seconds.
const fn time_out(idle: u64) -> u64 {
    if idle.is_multiple_of(2) { 1_000 + idle / 10 } else { idle * 20 }
}

fn proof(number: u64) -> Proof {
    let text = format!("proof{number:07}");
    Proof::new(text.as_bytes()).unwrap_or_else(|| unreachable!("twelve characters"))
}
