//! Users who count their visits, and notice when a visit is forgotten.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use copal_testkit::cluster::Cluster;
use copal_testkit::door::Door;
use copal_testkit::visitor::Visitor;

use crate::seen::json;

/// One user, with what the last answer said.
pub(crate) struct User {
    pub(crate) visitor: Visitor,
    pub(crate) count: i64,
}

impl User {
    /// Somebody who comes in at this door for the first time.
    pub(crate) fn new(door: impl Into<Door>) -> Self {
        let mut user = Self { visitor: Visitor::new(door), count: 0 };
        user.visit().unwrap_or_else(|wrong| panic!("the first visit: {wrong}"));
        user
    }

    /// The id that it has.
    pub(crate) fn id(&self) -> String {
        self.visitor.cookie("JSESSIONID").expect("a cookie").to_owned()
    }

    /// One more visit. An answer that was lost may have counted, so a number may be left out; none
    /// may come again.
    pub(crate) fn visit(&mut self) -> Result<(), String> {
        let answer = self.visitor.try_send("GET", "/counter", &[], b"");
        let answer = answer.map_err(|trouble| format!("no answer: {trouble}"))?;
        if answer.status != 200 {
            return Err(format!("{answer:?}"));
        }
        let count = json(&answer)["count"].as_i64().unwrap_or_default();
        let before = std::mem::replace(&mut self.count, count);
        if count > before { Ok(()) } else { Err(format!("{count} after {before}: {answer:?}")) }
    }
}

/// Many users at once, who visit through the web tier for as long as something else happens.
pub(crate) struct Crowd {
    answered: AtomicUsize,
    /// How often each thread has asked for all of its users.
    rounds: [AtomicUsize; Self::THREADS],
    over: AtomicBool,
}

/// They go when this ends, also when a test fails.
struct Until<'c>(&'c AtomicBool);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Crowd {
    /// So many threads with so many users each.
    const THREADS: usize = 4;
    const USERS: usize = 10;
    /// Answers between one event and the next.
    const MEANWHILE: usize = 60;

    /// Lets them visit while `events` happen. Returns what they did not like.
    pub(crate) fn while_it(
        cluster: &mut Cluster,
        events: impl FnOnce(&mut Cluster, &Self),
    ) -> Vec<String> {
        Self::gathered(cluster, events).1
    }

    /// The same, and returns them too.
    pub(crate) fn gathered(
        cluster: &mut Cluster,
        events: impl FnOnce(&mut Cluster, &Self),
    ) -> (Vec<User>, Vec<String>) {
        let port = cluster.port(8080);
        let (answered, rounds) = (AtomicUsize::new(0), [const { AtomicUsize::new(0) }; _]);
        let crowd = &Self { answered, rounds, over: AtomicBool::new(false) };
        std::thread::scope(|scope| {
            let visit = |rounds| scope.spawn(move || crowd.visit(port, rounds));
            let threads: Vec<_> = crowd.rounds.iter().map(visit).collect();
            let until_here = Until(&crowd.over);
            crowd.meanwhile(cluster);
            events(cluster, crowd);
            crowd.meanwhile(cluster);
            drop(until_here);
            let joined = threads.into_iter().map(|thread| thread.join().expect("a thread"));
            let (users, wrong): (Vec<_>, Vec<_>) = joined.unzip();
            (users.into_iter().flatten().collect(), wrong.into_iter().flatten().collect())
        })
    }

    /// Waits until each of them has asked at least once more, and was answered.
    pub(crate) fn all_come_by(&self, cluster: &Cluster) {
        let rounds = || self.rounds.each_ref().map(|rounds| rounds.load(Ordering::SeqCst));
        let before = rounds();
        let came = || rounds().iter().zip(before).all(|(now, before)| *now > before + 1);
        cluster.server("web-a").wait_until(came).expect("answers for everybody");
    }

    /// Waits until they have been answered for a while.
    pub(crate) fn meanwhile(&self, cluster: &Cluster) {
        let enough = self.answered.load(Ordering::SeqCst) + Self::MEANWHILE;
        let answered = || self.answered.load(Ordering::SeqCst) >= enough;
        cluster.server("web-a").wait_until(answered).expect("answers");
    }

    fn visit(&self, port: u16, rounds: &AtomicUsize) -> (Vec<User>, Vec<String>) {
        let mut users: Vec<User> = (0..Self::USERS).map(|_| User::new(port)).collect();
        let mut wrong = Vec::new();
        while !self.over.load(Ordering::SeqCst) {
            for user in &mut users {
                wrong.extend(user.visit().err());
                self.answered.fetch_add(1, Ordering::SeqCst);
            }
            rounds.fetch_add(1, Ordering::SeqCst);
        }
        (users, wrong)
    }
}
