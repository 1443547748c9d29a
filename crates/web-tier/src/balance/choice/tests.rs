use copal_protocol::state::State;

use super::*;

const NONE: [Option<usize>; 3] = [None; 3];
const ABC: [Option<usize>; 3] = [Some(0), Some(1), Some(2)];

#[derive(Clone, Copy)]
struct Server {
    state: State,
    weight: u32,
    backup: bool,
    load: u32,
    /// Nothing good was heard of it since its pause ran out.
    doubtful: bool,
}

impl Look for [Server] {
    fn takes_bound(&self, position: usize) -> bool {
        matches!(self[position].state, State::Ready | State::Warming | State::Drain)
    }

    fn rank(&self, position: usize) -> Rank {
        let Server { state, weight, backup, .. } = self[position];
        Rank::of(state, weight, backup)
    }

    fn is_well(&self, position: usize) -> bool {
        !self[position].doubtful
    }

    fn weight(&self, position: usize) -> u32 {
        self[position].weight
    }

    fn load(&self, position: usize) -> u32 {
        self[position].load
    }
}

impl Look for Vec<Server> {
    fn takes_bound(&self, position: usize) -> bool {
        self.as_slice().takes_bound(position)
    }

    fn rank(&self, position: usize) -> Rank {
        self.as_slice().rank(position)
    }

    fn is_well(&self, position: usize) -> bool {
        self.as_slice().is_well(position)
    }

    fn weight(&self, position: usize) -> u32 {
        self.as_slice().weight(position)
    }

    fn load(&self, position: usize) -> u32 {
        self.as_slice().load(position)
    }
}

/// One server for each word: its state; `backup`, or its weight, or its load may follow.
fn servers(words: &str) -> Vec<Server> {
    words.split_whitespace().map(server).collect()
}

fn server(word: &str) -> Server {
    let mut server =
        Server { state: State::Ready, weight: 100, backup: false, load: 0, doubtful: false };
    for part in word.split('/') {
        if let Some(weight) = part.strip_prefix("weight=") {
            server.weight = weight.parse().unwrap();
        } else if let Some(load) = part.strip_prefix("load=") {
            server.load = load.parse().unwrap();
        } else if part == "backup" {
            server.backup = true;
        } else {
            server.state = State::parse(part.as_bytes()).unwrap();
        }
    }
    server
}

fn choice(bound: [Option<usize>; 3], turn: usize, count: usize, strategy: Strategy) -> Choice {
    Choice::new(bound, turn, (0..count).collect(), strategy)
}

/// The order in which servers are tried when every one fails.
fn order(bound: [Option<usize>; 3], turn: usize, words: &str, strategy: Strategy) -> Vec<usize> {
    let servers = servers(words);
    let mut choice = choice(bound, turn, servers.len(), strategy);
    std::iter::from_fn(|| choice.next(&servers)).collect()
}

#[test]
fn everyone_is_tried_once_in_the_right_order() {
    for (bound, turn, servers, expected) in [
        // the three that the id names, then the others from the turn on
        (ABC, 0, "ready ready ready ready", &[0, 1, 2, 3][..]),
        ([Some(2), Some(0), Some(1)], 9, "ready ready ready", &[2, 0, 1]),
        // a named server that is down comes after all that are up
        (ABC, 0, "down ready ready ready", &[1, 2, 3, 0]),
        (ABC, 0, "down down down ready", &[3, 0, 1, 2]),
        ([Some(2), Some(1), Some(0)], 0, "down down down down", &[2, 1, 0, 3]),
        // letters without a server are passed over
        ([None, Some(1), None], 0, "ready ready", &[1, 0]),
        ([Some(64), Some(7), Some(1)], 0, "ready ready", &[1, 0]),
        // no id: the turn decides
        (NONE, 0, "ready ready ready", &[0, 1, 2]),
        (NONE, 4, "ready ready ready", &[1, 0, 2]),
        // the turn counts only those that are up
        (NONE, 1, "ready down ready", &[2, 0, 1]),
        // all down: everyone is tried all the same
        (NONE, 1, "down down", &[1, 0]),
        (ABC, 0, "down down down", &[0, 1, 2]),
        // an id that names one server three times
        ([Some(1), Some(1), Some(1)], 0, "ready ready", &[1, 0]),
        (NONE, 0, "", &[]),
    ] {
        for strategy in [Strategy::RoundRobin, Strategy::LeastConnection] {
            let order = order(bound, turn, servers, strategy);
            assert_eq!(order, expected, "{bound:?} {turn} {servers:?} {strategy:?}");
        }
    }
}

#[test]
fn each_state_has_its_place() {
    for (bound, servers, expected) in [
        // bound requests go to warming and draining servers, and to those that are given no others
        (ABC, "drain warming ready/weight=0 ready", &[0, 1, 2, 3][..]),
        (ABC, "ready/backup ready ready ready", &[0, 1, 2, 3]),
        // and leave the others for the next one that the id names
        (ABC, "evict ready ready ready", &[1, 2, 3, 0]),
        (ABC, "evict down ready ready", &[2, 3, 0, 1]),
        (ABC, "joining leaving maintenance ready", &[3, 0, 1, 2]),
        // a server in service is better than a bound one that is not
        (ABC, "evict evict evict ready/weight=0", &[3, 0, 1, 2]),
        // without an id: by rank, whatever the turn is
        (
            NONE,
            "down maintenance leaving joining evict drain ready/weight=0 ready/backup ready",
            &[8, 7, 6, 5, 4, 3, 2, 1, 0],
        ),
        // nobody has weight
        (NONE, "ready/weight=0 ready/weight=0", &[0, 1]),
    ] {
        for strategy in [Strategy::RoundRobin, Strategy::LeastConnection] {
            assert_eq!(order(bound, 0, servers, strategy), expected, "{servers:?} {strategy:?}");
        }
    }
}

#[test]
fn ready_servers_get_turns_by_weight_whatever_the_others_are() {
    let servers = servers("ready/weight=20 down ready/weight=10 ready/backup drain");
    let mut seen = [0; 5];
    for turn in 0..30 {
        seen[choice(NONE, turn, 5, Strategy::RoundRobin).next(&servers).unwrap()] += 1;
    }
    assert_eq!(seen, [20, 0, 10, 0, 0]);
}

#[test]
fn backups_share_what_they_get_by_weight() {
    let servers = servers("down ready/backup/weight=1 ready/backup/weight=2");
    let mut seen = [0; 3];
    for turn in 0..6 {
        seen[choice(NONE, turn, 3, Strategy::RoundRobin).next(&servers).unwrap()] += 1;
    }
    assert_eq!(seen, [0, 2, 4]);
}

#[test]
fn the_least_laden_is_first_inside_its_rank_only() {
    let words = "ready/load=9 ready/load=3 ready/load=6 ready/backup";
    assert_eq!(order(NONE, 0, words, Strategy::LeastConnection), [1, 2, 0, 3]);
    assert_eq!(order(ABC, 0, words, Strategy::LeastConnection), [0, 1, 2, 3]);
}

#[test]
fn a_server_that_comes_up_meanwhile_is_tried() {
    let mut now = servers("ready down down");
    let mut choice = choice(NONE, 0, 3, Strategy::RoundRobin);
    assert_eq!(choice.next(&now), Some(0));
    assert!(!choice.others(&now));
    now[0].state = State::Down;
    now[2].state = State::Ready;
    assert!(choice.others(&now));
    assert_eq!(choice.next(&now), Some(2));
    assert!(!choice.others(&now));
    assert_eq!(choice.next(&now), Some(1));
    assert_eq!(choice.next(&now), None);
}

#[test]
fn whoever_was_not_sent_anything_may_be_picked_again_once_it_is_well() {
    let mut now = servers("ready down down");
    let mut choice = choice(NONE, 0, 3, Strategy::RoundRobin);
    assert_eq!(choice.next(&now), Some(0));
    choice.not_sent(0);
    now[0].state = State::Down;
    assert_eq!(choice.next(&now), Some(1));
    // 1 was sent the request: that it is up again is no reason to send it there once more.
    now[1].state = State::Ready;
    // The pause of 0 ran out, and nobody knows more.
    now[0].state = State::Ready;
    now[0].doubtful = true;
    assert!(!choice.refuge(&now));
    choice.readmit(&now);
    assert_eq!(choice.clone().next(&now), Some(2));
    now[0].doubtful = false;
    assert!(choice.refuge(&now));
    choice.readmit(&now);
    assert_eq!(choice.next(&now), Some(0));
    assert!(!choice.refuge(&now));
    assert_eq!(choice.next(&now), Some(2));
    assert_eq!(choice.next(&now), None);
}

#[test]
fn others_are_all_that_are_not_down() {
    for state in State::ALL {
        let servers = servers(&format!("ready {state}"));
        let mut choice = choice([Some(0), None, None], 0, 2, Strategy::RoundRobin);
        assert_eq!(choice.next(&servers), Some(0));
        assert_eq!(choice.others(&servers), state != State::Down, "{state}");
    }
}

#[test]
fn a_turn_may_wrap_around() {
    let servers = servers("ready/weight=3 ready/weight=2");
    for turn in [usize::MAX - 1, usize::MAX, 0] {
        assert!(choice(NONE, turn, 2, Strategy::RoundRobin).next(&servers).is_some());
    }
}
