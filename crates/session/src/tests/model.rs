//! Any sequence of requests does what a model says that is too simple to be wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use copal_config::session_config::SessionConfig;
use proptest::prelude::*;
use proptest::sample::Index;
use tokio::runtime::Builder;

use super::world::{World, id_in};
use crate::error::Error;
use crate::session::Session;
use crate::web_app::WebApp;

/// Idle time-out and greatest age of the two web-apps, in seconds.
const TIMES: [(u64, u64); 2] = [(20, u64::MAX), (60, 90)];
const NAMES: [&str; 3] = ["a", "b", "c"];
/// For how long a former proof reads, in seconds.
const READS: u64 = 10;

#[derive(Debug, Clone)]
enum Step {
    /// A client without a cookie sets something.
    Begin {
        web_app: usize,
        name: usize,
    },
    /// A client with an id that was handed out before does something.
    Come {
        id: Index,
        web_app: usize,
        act: Act,
    },
    Pass {
        seconds: u64,
    },
    Sweep,
}

#[derive(Debug, Clone)]
enum Act {
    Look,
    Set { name: usize },
    Remove { name: usize },
    Add { name: usize },
    Rotate { set: Option<usize> },
    Destroy,
}

fn step() -> impl Strategy<Value = Step> {
    let name = || 0..NAMES.len();
    let act = prop_oneof![
        3 => Just(Act::Look),
        3 => name().prop_map(|name| Act::Set { name }),
        1 => name().prop_map(|name| Act::Remove { name }),
        2 => name().prop_map(|name| Act::Add { name }),
        2 => prop::option::of(name()).prop_map(|set| Act::Rotate { set }),
        1 => Just(Act::Destroy),
    ];
    let come = (any::<Index>(), 0..2_usize, act);
    prop_oneof![
        2 => (0..2_usize, name()).prop_map(|(web_app, name)| Step::Begin { web_app, name }),
        9 => come.prop_map(|(id, web_app, act)| Step::Come { id, web_app, act }),
        3 => (1..30_u64).prop_map(|seconds| Step::Pass { seconds }),
        1 => Just(Step::Sweep),
    ]
}

/// One session as the model has it.
#[derive(Debug, Default)]
struct Modelled {
    /// All ids that it ever had; the last is the current one.
    ids: Vec<String>,
    rotated: u64,
    ended: bool,
    parts: [Option<ModelledPart>; 2],
}

#[derive(Debug, Default)]
struct ModelledPart {
    began: u64,
    used: u64,
    /// Value, and whether the former proof may see it.
    attributes: BTreeMap<&'static str, (i64, bool)>,
}

/// How an id stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Proof {
    Current,
    Former,
    Wrong,
}

impl Modelled {
    fn expire(&mut self, now: u64) {
        for (part, (idle, age)) in self.parts.iter_mut().zip(TIMES) {
            part.take_if(|part| now >= part.used + idle || now >= part.began.saturating_add(age));
        }
        self.ended |= self.parts.iter().all(Option::is_none);
    }

    fn proof(&self, id: &str, now: u64) -> Proof {
        let at = self.ids.iter().rev().position(|known| known == id);
        match at {
            Some(0) if !self.ended => Proof::Current,
            Some(1) if !self.ended && now < self.rotated + READS => Proof::Former,
            _ => Proof::Wrong,
        }
    }
}

impl ModelledPart {
    fn seen_by(&self, proof: Proof) -> BTreeMap<&'static str, i64> {
        let attributes = self.attributes.iter();
        let seen = attributes.filter(|(_, (_, old))| proof == Proof::Current || *old);
        seen.map(|(name, (value, _))| (*name, *value)).collect()
    }
}

/// What the application sees.
async fn seen(session: &Session) -> BTreeMap<&'static str, i64> {
    let all = session.attributes().await.unwrap();
    let seen = all.iter().map(|(name, value)| {
        let known = NAMES.into_iter().find(|known| known == name).unwrap();
        (known, std::str::from_utf8(value).unwrap().parse().unwrap())
    });
    seen.collect()
}

struct Run {
    world: World,
    web_apps: [Arc<WebApp>; 2],
    now: u64,
    value: i64,
    sessions: Vec<Modelled>,
    /// Every id that was ever handed out, with its session.
    ids: Vec<(String, usize)>,
}

impl Run {
    fn new(world: World) -> Self {
        let web_apps = [("/a", TIMES[0]), ("/b", TIMES[1])].map(|(path, (idle, age))| {
            let config = SessionConfig {
                session_timeout: Some(Duration::from_secs(idle)),
                session_max_lifetime: (age != u64::MAX).then(|| Duration::from_secs(age)),
                ..SessionConfig::default()
            };
            world.web_app(path, &config)
        });
        Self { world, web_apps, now: 0, value: 0, sessions: Vec::new(), ids: Vec::new() }
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Begin { web_app, name } => {
                let session = self.world.open(&self.web_apps[web_app], None);
                let value = self.next_value();
                session.insert(NAMES[name], value).unwrap();
                let cookie = self.world.commit(&session).await.unwrap().unwrap();
                self.begun(&cookie, web_app, NAMES[name], value);
            }
            Step::Come { id, web_app, act } => {
                if !self.ids.is_empty() {
                    let (id, session) = id.get(&self.ids).clone();
                    self.come(&id, session, web_app, act).await;
                }
            }
            Step::Pass { seconds } => {
                self.world.pass(Duration::from_secs(seconds));
                self.now += seconds;
            }
            Step::Sweep => {
                let _ = self.world.sessions.sweep(usize::MAX);
                let now = self.now;
                self.sessions.iter_mut().for_each(|session| session.expire(now));
                let live = self.sessions.iter().filter(|session| !session.ended).count();
                let parts = [0, 1].map(|number: usize| {
                    let there = |session: &&Modelled| session.parts[number].is_some();
                    let live = self.sessions.iter().filter(|session| !session.ended);
                    (&self.web_apps[number], live.filter(there).count())
                });
                self.world.has(live, &parts);
            }
        }
    }

    async fn come(&mut self, id: &str, at: usize, web_app: usize, act: Act) {
        let now = self.now;
        let modelled = &mut self.sessions[at];
        modelled.expire(now);
        let proof = modelled.proof(id, now);
        let part = modelled.parts[web_app].as_mut().filter(|_| proof != Proof::Wrong);
        let member = part.is_some();
        let expected = part.map_or_else(BTreeMap::new, |part| {
            part.used = now;
            part.seen_by(proof)
        });

        // Everyone looks first, so that what is there is compared every time.
        let session = self.world.open(&self.web_apps[web_app], Some(id));
        assert_eq!(seen(&session).await, expected);
        let sets = self.act(&session, &act, proof, &expected).await;
        let committed = self.world.commit(&session).await;

        let wants = match act {
            Act::Look | Act::Add { .. } => false,
            Act::Set { .. } => true,
            Act::Remove { .. } | Act::Destroy => member,
            Act::Rotate { set } => member || set.is_some(),
        };
        if proof == Proof::Former && wants {
            assert!(matches!(committed, Err(Error::Rotated)), "{committed:?}");
            return;
        }
        let cookie = committed.unwrap();
        match (proof, sets) {
            (Proof::Wrong, Some((name, value))) => {
                self.begun(&cookie.unwrap(), web_app, name, value);
            }
            (Proof::Wrong | Proof::Former, _) => {
                let forgets = matches!(act, Act::Destroy) && proof == Proof::Wrong;
                assert_eq!(cookie.is_some(), forgets, "{act:?}");
            }
            (Proof::Current, _) => self.changed(at, web_app, &act, sets, cookie),
        }
    }

    /// Does something with a session; returns the attribute that it sets.
    async fn act(
        &mut self,
        session: &Session,
        act: &Act,
        proof: Proof,
        before: &BTreeMap<&'static str, i64>,
    ) -> Option<(&'static str, i64)> {
        let value = self.next_value();
        let set = |name: usize| {
            session.insert(NAMES[name], value).unwrap();
            (NAMES[name], value)
        };
        match *act {
            Act::Look => None,
            Act::Set { name } => Some(set(name)),
            Act::Remove { name } => {
                session.remove(NAMES[name]).unwrap();
                None
            }
            Act::Add { name } => match session.increment(NAMES[name], value).await {
                Ok(sum) => {
                    assert_ne!(proof, Proof::Former);
                    assert_eq!(sum, before.get(NAMES[name]).copied().unwrap_or(0) + value);
                    Some((NAMES[name], sum))
                }
                Err(error) => {
                    assert!(matches!(error, Error::Rotated) && proof == Proof::Former);
                    None
                }
            },
            Act::Rotate { set: name } => {
                session.rotate_id().unwrap();
                name.map(set)
            }
            Act::Destroy => {
                session.destroy().unwrap();
                None
            }
        }
    }

    /// Does to the model what a client with the current proof did.
    fn changed(
        &mut self,
        at: usize,
        web_app: usize,
        act: &Act,
        sets: Option<(&'static str, i64)>,
        cookie: Option<String>,
    ) {
        let now = self.now;
        let modelled = &mut self.sessions[at];
        let member = modelled.parts[web_app].is_some();
        if matches!(act, Act::Destroy) {
            modelled.ended |= member;
            if member {
                modelled.parts = [None, None];
            }
            assert_eq!(cookie.is_some_and(|cookie| cookie.contains("Max-Age=0")), member);
            return;
        }
        let rotates = matches!(act, Act::Rotate { .. }) && (member || sets.is_some());
        assert_eq!(cookie.is_some(), rotates);
        if let Some(cookie) = cookie {
            for part in modelled.parts.iter_mut().flatten() {
                part.attributes.values_mut().for_each(|(_, old)| *old = true);
            }
            modelled.rotated = now;
            modelled.ids.push(id_in(&cookie));
            self.ids.push((id_in(&cookie), at));
        }
        if let Some((name, value)) = sets {
            let part = modelled.parts[web_app].get_or_insert_with(|| ModelledPart {
                began: now,
                used: now,
                ..Default::default()
            });
            part.attributes.insert(name, (value, false));
        }
        if let (Act::Remove { name }, Some(part)) = (act, &mut modelled.parts[web_app]) {
            part.attributes.remove(NAMES[*name]);
        }
    }

    /// Notes a new session.
    fn begun(&mut self, cookie: &str, web_app: usize, name: &'static str, value: i64) {
        let id = id_in(cookie);
        assert!(self.ids.iter().all(|(known, _)| known[3..14] != id[3..14]), "a key is used once");
        let mut modelled = Modelled { ids: vec![id.clone()], ..Modelled::default() };
        let attributes = BTreeMap::from([(name, (value, false))]);
        modelled.parts[web_app] =
            Some(ModelledPart { began: self.now, used: self.now, attributes });
        self.ids.push((id, self.sessions.len()));
        self.sessions.push(modelled);
    }

    fn next_value(&mut self) -> i64 {
        self.value += 1;
        self.value
    }
}

/// Has these steps done in a world.
fn run(world: World, steps: Vec<Step>) {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut run = Run::new(world);
        for step in steps {
            run.step(step).await;
        }
        run.step(Step::Sweep).await;
    });
}

proptest! {
    #[test]
    fn any_sequence_of_requests_does_what_the_model_says(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        run(World::new(), steps);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// While the test runs no time passes to speak of.
    #[test]
    fn a_ring_does_the_same(steps in prop::collection::vec(step(), 1..60)) {
        let timeless = steps.into_iter().filter(|step| !matches!(step, Step::Pass { .. }));
        run(World::on_ring(), timeless.collect());
    }
}
