//! What an operator does: clocks are set, servers drained, stopped, added and removed.

use copal_protocol::state::State;

use crate::moment::Moment;
use crate::plan::Kind;
use crate::process::Process;
use crate::well::is_well;
use crate::world::World;

/// A server that is told to stop ends after so many milliseconds, whatever it still has.
const DRAIN_TIME: u64 = 15_000;

/// What is counted. Every one of these should have happened.
pub(crate) const STRIKES: [&str; 14] = [
    "clock ahead",
    "clock back",
    "drain",
    "evict",
    "leaving",
    "clean stop",
    "server added",
    "server removed",
    "letter given on",
    "flood",
    "questions curbed",
    "change of the owner alone",
    "disk fails",
    "disk hangs",
];

#[derive(Debug, Clone, Copy)]
enum Deed {
    Clock,
    State,
    Table,
    Flood,
}

/// Does one of the things that this seed has.
pub(crate) fn operate(world: &mut World) {
    let plan = &world.plan;
    let all = [
        (plan.clocks, Deed::Clock),
        (plan.states, Deed::State),
        (plan.tables, Deed::Table),
        (plan.floods, Deed::Flood),
    ];
    let all: Vec<Deed> = all.into_iter().filter_map(|(is, deed)| is.then_some(deed)).collect();
    if all.is_empty() {
        return;
    }
    match all[world.more.place(all.len())] {
        Deed::Clock => set_clock(world),
        Deed::State => set_state(world),
        Deed::Table => change_table(world),
        Deed::Flood => flood(world),
    }
}

/// Leaving servers that have given everything away end.
pub(crate) fn finish(world: &mut World) {
    for number in 0..world.servers.len() {
        let (now, stopped) = (world.now, world.servers[number].stopped);
        let Some(process) = &mut world.servers[number].process else { continue };
        let Some((State::Leaving, since)) = process.wished else { continue };
        if stopped || now < since + 300 || (now < since + DRAIN_TIME && process.is_needed(now)) {
            continue;
        }
        world.strikes("clean stop");
        if world.removing == Some(number) {
            world.excuse_ends(number);
        }
        world.end(number);
        if world.removing == Some(number) {
            world.removing = None;
            world.say(|| format!("{number} is taken out of the table"));
            world.table.remove(number);
            world.servers[number].forget();
            world.strikes("server removed");
        }
    }
}

/// All clocks are right, all servers as they should be.
pub(crate) fn restore(world: &mut World) {
    world.removing = None;
    for number in 0..world.servers.len() {
        world.set_clock(number, 0);
        if !world.table.lists(number) {
            world.kill(number);
        }
        if let Some(process) = &mut world.servers[number].process {
            process.becomes(State::Ready, world.now);
        }
    }
}

fn set_clock(world: &mut World) {
    let number = world.more.place(world.servers.len());
    let (name, offset) = match world.more.of(0..5) {
        0 | 1 => ("clock ahead", 3_600_000),
        2 => ("clock back", -3_600_000),
        3 => ("clock back", -30_000),
        _ => ("clock set right", 0),
    };
    world.strikes(name);
    world.say(|| format!("the clock of {number} is off by {offset} ms"));
    world.set_clock(number, offset);
}

/// Whether something may be changed now: where all promises are to hold, one thing at a time.
fn is_calm(world: &World) -> bool {
    let all_up = world
        .table
        .servers()
        .all(|one| world.servers[one].process.is_some() && !world.servers[one].stopped);
    !world.plan.kind.is_strict()
        || (all_up && world.network.cuts().is_empty() && world.armed.is_none() && is_well(world))
}

fn set_state(world: &mut World) {
    let odd = |one: &usize| {
        let process = world.servers[*one].process.as_ref();
        process.is_some_and(|process| process.wished.is_some())
    };
    let now = world.now;
    if let Some(number) = (0..world.servers.len()).find(odd) {
        if let Some(process) = &mut world.servers[number].process
            && !matches!(process.wished, Some((State::Leaving, _)))
        {
            process.becomes(State::Ready, now);
        }
        return;
    }
    let number = world.more.place(world.servers.len());
    if world.servers[number].stopped || !is_calm(world) {
        return;
    }
    let (name, state) = match world.more.of(0..4) {
        0 => ("drain", State::Drain),
        1 => ("evict", State::Evict),
        _ => ("leaving", State::Leaving),
    };
    if let Some(process) = &mut world.servers[number].process {
        process.becomes(state, now);
        world.strikes(name);
        world.say(|| format!("{number} is told: {name}"));
    }
}

fn change_table(world: &mut World) {
    let version = world.table.version;
    let lags = |one: usize| {
        let process = world.servers[one].process.as_ref();
        process.is_some_and(|process| process.table_version != version)
    };
    if world.removing.is_some() || (0..world.servers.len()).any(lags) || !is_calm(world) {
        return;
    }
    let listed: Vec<usize> = world.table.servers().collect();
    let spare = (0..world.servers.len()).find(|one| !world.table.lists(*one));
    if let Some(number) = spare.filter(|_| world.more.percent(60)) {
        // It was taken out while it ran.
        world.kill(number);
        world.servers[number].forget();
        let reuses = world.more.percent(60) && !world.plan.moves;
        let was_used = world.table.add(number, reuses);
        world.strikes(if was_used { "letter given on" } else { "server added" });
        world.say(|| format!("{number} is added"));
        world.start(number);
        return;
    }
    let least = world.plan.safety.copies.max(2);
    if listed.len() <= least {
        return;
    }
    let oldest = listed.iter().copied().min_by_key(|one| world.table.letter(*one));
    let any = listed[world.more.place(listed.len())];
    let number = oldest.filter(|_| world.plan.moves).unwrap_or(any);
    let abrupt = world.plan.kind == Kind::Anything && world.more.percent(40);
    if abrupt {
        world.say(|| format!("{number} is taken out of the table while it runs"));
        world.table.remove(number);
        world.strikes("server removed");
    } else if !world.servers[number].stopped
        && let Some(process) = &mut world.servers[number].process
    {
        process.becomes(State::Leaving, world.now);
        world.removing = Some(number);
        world.say(|| format!("{number} is to be removed"));
    }
}

/// Somebody tries ids that nobody was given.
fn flood(world: &mut World) {
    world.strikes("flood");
    world.say(|| "many ids that nobody was given".into());
    let (plan, takers, table) = (world.plan.clone(), world.takers(), world.table.clone());
    let (chance, now) = (&mut world.more, world.now);
    let (takers, joining) = (&*takers, &[]);
    let mut moment =
        Moment { plan: &plan, chance, now, takers, joining, table: &table, out: Vec::new() };
    world.users.flood(&mut moment);
    for (server, arrival) in moment.out {
        world.request(server, arrival);
    }
}

impl World {
    /// Ends a server when it has finished: everything is on its disk, and what it sent arrives.
    pub(crate) fn end(&mut self, number: usize) {
        self.excuse(number);
        self.sync(number);
        let Some(process) = self.servers[number].process.take() else { return };
        self.say(|| format!("{number} ends"));
        self.counts.push(process.effects.counts);
        self.is_gone(number);
    }

    /// The wall clock of a server is off by so many milliseconds from now on.
    pub(crate) fn set_clock(&mut self, number: usize, offset: i64) {
        let server = &mut self.servers[number];
        server.wall_offset = offset;
        if let Some(process) = &mut server.process {
            process.wall_offset = offset;
        }
    }

    /// The servers to which requests go.
    pub(crate) fn takers(&self) -> Vec<usize> {
        let takes = |number: &usize| {
            let process = self.servers[*number].process.as_ref();
            !self.plan.tables || process.is_none_or(Process::is_ready)
        };
        self.table.servers().filter(takes).collect()
    }

    /// Servers that take no new sessions yet.
    pub(crate) fn joining(&self) -> Vec<usize> {
        let joins = |number: &usize| {
            let process = self.servers[*number].process.as_ref();
            process.is_some_and(|process| !process.is_ready())
        };
        self.table.servers().filter(joins).collect()
    }
}
