//! What goes wrong.

use crate::moment::Moment;
use crate::operator::restore;
use crate::plan::Kind;
use crate::trigger::Trigger;
use crate::well::is_well;
use crate::world::World;

/// Lets something go wrong, or end.
pub(crate) fn strike(world: &mut World) {
    world.mend_disks();
    match world.plan.kind {
        Kind::OneAtATime => one_at_a_time(world),
        Kind::OneLink => one_link(world),
        Kind::Cuts | Kind::Anything => anything(world),
    }
}

fn one_at_a_time(world: &mut World) {
    let count = world.servers.len();
    let is_down = |one: &usize| world.servers[*one].process.is_none() && world.table.lists(*one);
    if let Some(down) = (0..count).find(is_down) {
        return world.start(down);
    }
    if let Some(stopped) = (0..count).find(|one| world.servers[*one].stopped) {
        // Whoever stood still must not speak before it knows what happened meanwhile.
        let mut moment = Moment {
            plan: &world.plan,
            chance: &mut world.chance,
            now: world.now,
            takers: &[],
            joining: &[],
            table: &world.table,
            out: Vec::new(),
        };
        world.users.probe(stopped, &mut moment);
        let calls = moment.out.into_iter().map(|(_, call)| call).collect();
        world.resume(stopped, calls);
        return;
    }
    if world.armed.is_some() && world.chance.percent(25) {
        // It has waited for its moment for long.
        world.armed = None;
    }
    if world.armed.is_some() || !is_well(world) {
        return;
    }
    let victim = world.chance.place(count);
    if world.spoil(victim) {
        return;
    }
    if world.chance.percent(60) {
        if world.chance.percent(50) {
            let shows = world.chance.percent(40);
            world.armed = Some(if shows { Trigger::ShowsChange } else { Trigger::Answers });
            return;
        }
        world.kill(victim);
        lose_disk(world, victim);
    } else {
        stop(world, victim);
    }
}

fn one_link(world: &mut World) {
    if !world.network.cuts().is_empty() {
        return mend_all(world);
    }
    let count = world.servers.len();
    let (one, other) = (world.chance.place(count), world.chance.place(count));
    if one == other || !all_hear_each_other(world) || !is_well(world) {
        return;
    }
    cut(world, one, other);
    if world.chance.percent(70) {
        cut(world, other, one);
    }
    if world.chance.percent(50) {
        world.break_link(one, other);
    }
}

fn all_hear_each_other(world: &World) -> bool {
    world.table.servers().all(|number| {
        let others = world.table.servers().filter(|other| *other != number);
        world.servers[number]
            .process
            .as_ref()
            .is_some_and(|process| others.into_iter().all(|other| process.hears(other, world.now)))
    })
}

fn stop(world: &mut World, victim: usize) {
    world.say(|| format!("{victim} stands still"));
    world.excuse(victim);
    world.servers[victim].stopped = true;
}

/// A disk may be as it was, or empty; and, where nothing is promised of ended sessions, older.
fn lose_disk(world: &mut World, victim: usize) {
    match world.chance.of(0..4) {
        0 => world.servers[victim].disk.clear(),
        1 if world.plan.kind == Kind::Anything => {
            world.servers[victim].disk = world.servers[victim].old_disk.clone();
        }
        _ => {}
    }
}

fn anything(world: &mut World) {
    let count = world.servers.len();
    let one = world.chance.place(count);
    let other = world.chance.place(count);
    if world.spoil(one) {
        return;
    }
    let first = if world.plan.kind == Kind::Cuts { 4 } else { 0 };
    match world.chance.of(first..12) {
        0 | 1 => {
            world.kill(one);
            lose_disk(world, one);
        }
        2 | 3 => (0..count).for_each(|one| world.start(one)),
        4 if world.servers[one].process.is_some() => stop(world, one),
        5 => {
            let stopped: Vec<usize> =
                (0..count).filter(|one| world.servers[*one].stopped).collect();
            stopped.into_iter().for_each(|one| world.resume(one, Vec::new()));
        }
        6 if one != other => cut(world, one, other),
        7 if one != other => {
            cut(world, one, other);
            cut(world, other, one);
        }
        8 => {
            for other in (0..count).filter(|other| *other != one) {
                cut(world, one, other);
                cut(world, other, one);
            }
        }
        9 | 10 => mend_all(world),
        11 if one != other => {
            world.say(|| format!("the connection of {one} and {other} breaks"));
            world.break_link(one, other);
        }
        _ => {}
    }
    // A cut that lasts ends connections.
    for (from, to) in world.network.cuts() {
        if world.chance.percent(40) {
            world.break_link(from, to);
        }
    }
}

fn cut(world: &mut World, from: usize, to: usize) {
    world.say(|| format!("nothing gets from {from} to {to}"));
    world.network.cut(from, to);
}

fn mend_all(world: &mut World) {
    world.say(|| "all cuts are mended".into());
    for (from, to) in world.network.cuts() {
        world.mend(from, to);
    }
}

/// All is mended, started and running again.
pub(crate) fn peace(world: &mut World) {
    mend_all(world);
    world.plan.tricks = 0;
    world.disarm();
    world.trouble = None;
    world.plan.crowds = false;
    restore(world);
    for number in 0..world.servers.len() {
        if world.servers[number].stopped {
            world.resume(number, Vec::new());
        }
        world.start(number);
    }
}
