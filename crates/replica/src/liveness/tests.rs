//! Two servers that lose, delay and repeat messages, stand still and are started again: whoever has
//! a lease on the other is safe from what the other promises.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::timing::{LEASE, PROMISE};

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    /// So many milliseconds pass.
    Wait(u64),
    /// A server sends what is due.
    Beat(usize),
    /// A message arrives: which of those under way.
    Deliver(prop::sample::Index),
    /// The same, and it will arrive once more.
    Repeat(prop::sample::Index),
    /// A message is lost.
    Lose(prop::sample::Index),
    /// The connection on which this server asks breaks; nobody refuses.
    Break(usize),
    /// It is there again.
    Connect(usize),
    /// A server ends and is started again at once.
    Restart(usize),
}

#[derive(Debug, Clone, Copy)]
enum Message {
    Heartbeat(Heartbeat),
    Answer(HeartbeatAnswer),
}

/// Two servers and what is under way between them. Each asks on a connection of its own.
struct Pair {
    now: Duration,
    names: [ServerId; 2],
    sides: [Liveness; 2],
    starts: u64,
    /// To which side, the connection (by the side that asks on it) and its number, the message.
    under_way: Vec<(usize, usize, u64, Message)>,
    /// The number of each side's connection: what was sent on an earlier one does not arrive.
    connections: [u64; 2],
}

impl Pair {
    fn new() -> Self {
        let names = ["app-a", "app-b"].map(|name| ServerId::new(name).unwrap());
        let now = Duration::from_secs(10);
        let sides = [0, 1].map(|side: usize| {
            let mut liveness = Liveness::new(Incarnation(side as u64), now);
            liveness.table(&[names[1 - side]]);
            liveness
        });
        let mut pair =
            Self { now, names, sides, starts: 2, under_way: Vec::new(), connections: [0; 2] };
        pair.connect(0);
        pair.connect(1);
        pair
    }

    fn peer(&mut self, side: usize) -> &mut Peer {
        self.sides[side].peer_mut(self.names[1 - side]).unwrap()
    }

    /// A hello: both hear which start of the other this is.
    fn connect(&mut self, side: usize) {
        let starts = [self.sides[0].incarnation, self.sides[1].incarnation];
        self.peer(0).met(starts[1]);
        self.peer(1).met(starts[0]);
        self.connections[side] += 1;
        self.peer(side).connected();
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Wait(milliseconds) => self.now += Duration::from_millis(*milliseconds),
            Step::Beat(side) => {
                for (_, heartbeat) in self.sides[*side].beats(self.now) {
                    let message = Message::Heartbeat(heartbeat);
                    self.under_way.push((1 - side, *side, self.connections[*side], message));
                }
            }
            Step::Deliver(which) if !self.under_way.is_empty() => {
                let message = self.under_way.remove(which.index(self.under_way.len()));
                self.deliver(message);
            }
            Step::Repeat(which) if !self.under_way.is_empty() => {
                let message = self.under_way[which.index(self.under_way.len())];
                self.deliver(message);
            }
            Step::Lose(which) if !self.under_way.is_empty() => {
                self.under_way.remove(which.index(self.under_way.len()));
            }
            Step::Deliver(_) | Step::Repeat(_) | Step::Lose(_) => {}
            Step::Break(side) => {
                self.connections[*side] += 1;
                self.peer(*side).disconnected();
            }
            Step::Connect(side) => self.connect(*side),
            Step::Restart(side) => self.restart(*side),
        }
    }

    fn restart(&mut self, side: usize) {
        let mut liveness = Liveness::new(Incarnation(self.starts), self.now);
        liveness.table(&[self.names[1 - side]]);
        self.starts += 1;
        self.sides[side] = liveness;
        self.connections = self.connections.map(|number| number + 1);
        // The other end hears that its connection broke, and nobody has met the new one yet.
        self.peer(1 - side).disconnected();
    }

    fn deliver(&mut self, (to, asker, connection, message): (usize, usize, u64, Message)) {
        if self.connections[asker] != connection {
            return;
        }
        let (now, from) = (self.now, self.names[1 - to]);
        match message {
            Message::Heartbeat(heartbeat) => {
                let answer = self.sides[to].asked(now, from, heartbeat);
                let answer = answer.map(Message::Answer);
                self.under_way.extend(answer.map(|answer| (1 - to, asker, connection, answer)));
            }
            Message::Answer(answer) => self.sides[to].answered(now, from, answer),
        }
    }

    /// Nobody has a lease on a server that would help others against it at this moment.
    fn check(&self) -> Result<(), TestCaseError> {
        for owner in [0, 1] {
            let (own, other) = (&self.sides[owner], &self.sides[1 - owner]);
            let known = own.peers[&self.names[1 - owner]].incarnation();
            let lease = known.and_then(|holder| own.lease(self.now, self.names[1 - owner], holder));
            let promise = other.promise_from(own.incarnation);
            prop_assert!(
                lease.is_none() || self.now < promise,
                "{owner} relies on {lease:?} at {:?}, and the other helps from {promise:?} on",
                self.now
            );
        }
        Ok(())
    }
}

fn step() -> impl Strategy<Value = Step> {
    let side = 0..2_usize;
    let which = any::<prop::sample::Index>;
    prop_oneof![
        8 => (1..400_u64).prop_map(Step::Wait),
        1 => (400..4000_u64).prop_map(Step::Wait),
        8 => side.clone().prop_map(Step::Beat),
        12 => which().prop_map(Step::Deliver),
        1 => which().prop_map(Step::Repeat),
        1 => which().prop_map(Step::Lose),
        1 => side.clone().prop_map(Step::Break),
        2 => side.clone().prop_map(Step::Connect),
        1 => side.prop_map(Step::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whoever_is_relied_on_helps_nobody_else(steps in vec(step(), 1..300)) {
        let mut pair = Pair::new();
        for step in &steps {
            pair.take(step);
            pair.check()?;
        }
    }
}

/// Both ask, and everything arrives after so long, for so long.
fn calm(pair: &mut Pair, delay: Duration, time: Duration) {
    let end = pair.now + time;
    while pair.now < end {
        pair.take(&Step::Beat(0));
        pair.take(&Step::Beat(1));
        pair.now += delay;
        for message in std::mem::take(&mut pair.under_way) {
            pair.deliver(message);
        }
    }
}

#[test]
fn both_rely_on_each_other_without_a_gap_while_all_is_well() {
    let mut pair = Pair::new();
    calm(&mut pair, Duration::from_millis(100), Duration::from_secs(2));
    let lease = |pair: &Pair, side: usize| {
        let other = pair.names[1 - side];
        let holder = pair.sides[1 - side].incarnation;
        pair.sides[side].lease(pair.now, other, holder).expect("a lease")
    };
    let before = [lease(&pair, 0), lease(&pair, 1)];
    calm(&mut pair, Duration::from_millis(100), Duration::from_secs(60));
    assert_eq!([lease(&pair, 0), lease(&pair, 1)], before);
}

#[test]
fn whoever_is_cut_off_falls_silent_before_the_other_helps_and_then_it_does() {
    let mut pair = Pair::new();
    calm(&mut pair, Duration::from_millis(10), Duration::from_secs(2));
    let cut = pair.now;
    let holder = pair.names[1];
    let (acting, held) = (pair.sides[0].incarnation, pair.sides[1].incarnation);
    assert!(pair.sides[0].lease(cut, holder, held).is_some());
    assert!(pair.sides[0].lease(cut + LEASE, holder, held).is_none());
    let promise = pair.sides[1].promise_from(acting);
    assert!(cut + LEASE < promise && promise <= cut + PROMISE);
}

#[test]
fn where_only_questions_arrive_the_other_helps_after_a_while() {
    let mut pair = Pair::new();
    calm(&mut pair, Duration::from_millis(10), Duration::from_secs(2));
    let acting = pair.sides[0].incarnation;
    // Everything that server 1 sends is lost, and so are the answers to what it asks.
    for _ in 0..80 {
        pair.take(&Step::Beat(0));
        pair.now += Duration::from_millis(50);
        for message in std::mem::take(&mut pair.under_way) {
            if message.0 == 1 {
                pair.deliver(message);
            }
        }
        pair.under_way.retain(|message| message.0 == 1);
        pair.check().unwrap();
    }
    assert!(pair.sides[1].promise_from(acting) < pair.now);
}

#[test]
fn only_servers_that_are_heard_and_say_so_get_new_sessions() {
    let mut pair = Pair::new();
    pair.sides[1].becomes(State::Ready);
    assert_eq!(pair.sides[0].ready(pair.now).count(), 0);
    calm(&mut pair, Duration::from_millis(10), Duration::from_secs(1));
    assert_eq!(pair.sides[0].ready(pair.now).collect::<Vec<_>>(), [pair.names[1]]);
    assert_eq!(pair.sides[1].ready(pair.now).count(), 0, "the other one is joining");
    let later = pair.now + LEASE;
    assert_eq!(pair.sides[0].ready(later).count(), 0);
}

#[test]
fn whoever_stood_still_must_ask_before_it_speaks_also_when_it_was_alone() {
    let at = Duration::from_millis;
    let mut alone = Liveness::new(Incarnation(1), at(0));
    for now in [100, 200, 1699] {
        alone.beats(at(now));
        assert_eq!(alone.own_lease(at(now)), Some(LeaseNumber(0)));
    }
    assert_eq!(alone.own_lease(at(3198)), Some(LeaseNumber(0)));
    assert_eq!(alone.own_lease(at(3199)), None, "it has not noticed yet");
    alone.beats(at(33_000));
    assert_eq!(alone.own_lease(at(33_000)), Some(LeaseNumber(1)));
}

#[test]
fn what_a_server_was_told_binds_also_when_it_leaves_the_table() {
    let mut pair = Pair::new();
    calm(&mut pair, Duration::from_millis(10), Duration::from_secs(2));
    let (owner, acting) = (pair.names[0], pair.sides[0].incarnation);
    let promise = pair.sides[1].promise_from(acting);
    assert!(promise > pair.now);
    pair.sides[1].table(&[]);
    assert_eq!(pair.sides[1].promise_from(acting), promise);
    assert_eq!(pair.sides[1].hearing(pair.now, owner), Hearing::No);
    assert_eq!(pair.sides[1].beats(pair.now + Duration::from_secs(1)), []);
    pair.sides[1].table(&[owner]);
    assert_eq!(pair.sides[1].promise_from(acting), promise);
}
