//! One seed, from the start of its cluster to the rest at its end.

use std::collections::BTreeMap;

use copal_replica::counts::Counts;

use crate::chance::Chance;
use crate::faults;
use crate::line::print;
use crate::moment::Moment;
use crate::operator::{finish, operate};
use crate::plan::Plan;
use crate::process::Arrival;
use crate::rest;
use crate::world::World;

/// What came of a seed.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) seed: u64,
    /// What was promised and did not hold.
    pub(crate) wrong: Vec<String>,
    /// What the servers counted.
    pub(crate) counts: Vec<Counts>,
    /// How often what struck.
    pub(crate) struck: BTreeMap<&'static str, u64>,
    /// A number made of all answers and their times.
    pub(crate) digest: u64,
}

/// Runs a seed.
pub(crate) fn run(seed: u64, trace: bool) -> Run {
    let mut chance = Chance::new(seed);
    let plan = Plan::new(seed, &mut chance);
    if trace {
        print(&format!("{plan:?}"));
    }
    let (length, between) = (plan.length, plan.faults);
    let mut world = World::new(plan, chance, trace);
    world.run_until(1500);
    let mut fault = world.now + between;
    let mut deed = world.now + world.more.of(300..5000);
    while world.now < length && world.users.wrong.is_empty() {
        turn(&mut world, true);
        if world.now >= fault {
            faults::strike(&mut world);
            fault = world.now + world.chance.of(between / 2..between * 2);
        }
        finish(&mut world);
        if world.now >= deed {
            operate(&mut world);
            let longest = if world.plan.moves { 1500 } else { 5000 };
            deed = world.now + world.more.of(300..longest);
        }
    }
    faults::peace(&mut world);
    rest(&mut world);
    let mut wrong = std::mem::take(&mut world.users.wrong);
    if wrong.is_empty() {
        wrong.extend(rest::check(&world).err());
    }
    let running = world.servers.iter().filter_map(|server| server.process.as_ref());
    let mut counts: Vec<Counts> = running.map(|process| process.effects.counts).collect();
    counts.append(&mut world.counts);
    Run { seed, wrong, counts, struck: world.struck, digest: world.digest }
}

/// For so long it is quiet in the end: until every session that nobody uses is over, and every copy that
/// nobody knew of was found.
const REST: u64 = 900_000;

/// When everything was as it should be for so long, nothing will change any more: the longest silence of a
/// copy and the time that an end is remembered are shorter. One seed of eight waits all the same.
const STILL: u64 = 240_000;

/// Nothing goes wrong any more, and nobody asks for anything.
fn rest(world: &mut World) {
    let end = world.now + REST;
    let mut since = None;
    while world.now < end && world.users.wrong.is_empty() {
        turn(world, false);
        if world.now % 10_000 >= 200 || world.plan.seed.is_multiple_of(8) {
            continue;
        }
        since = since.or(Some(world.now)).filter(|_| rest::check(world).is_ok());
        if since.is_some_and(|since| world.now >= since + STILL) {
            break;
        }
    }
}

/// Ten milliseconds pass, and clients do what they do.
fn turn(world: &mut World, works: bool) {
    world.run_until(world.now + if works { 10 } else { 200 });
    let plan = world.plan.clone();
    let (takers, joining, table) = (world.takers(), world.joining(), world.table.clone());
    let (chance, now) = (&mut world.chance, world.now);
    let (takers, joining) = (&*takers, &*joining);
    let mut moment =
        Moment { plan: &plan, chance, now, takers, joining, table: &table, out: Vec::new() };
    world.users.turn(works, &mut moment);
    for (server, arrival) in moment.out {
        let Arrival::Call(ticket, call) = &arrival else { continue };
        let (ticket, key) = (*ticket, call.key);
        let want = format!("{:?}", call.want).chars().take(160).collect::<String>();
        world.say(|| format!("{ticket:?} to {server}: {key} {want}"));
        if !world.request(server, arrival) {
            world.users.refused(ticket);
        }
    }
}
