//! Whether faults that were planted are found.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use copal_replica::plant::{Plant, plant};

use crate::line::print;
use crate::run::run;

/// Plants one fault after the other, and prints what found it after how many seeds. Fails when one is not
/// found.
pub(crate) fn find_all(name: &str, from: u64, seeds: u64) -> ExitCode {
    let wanted = |fault: &&Plant| name == "all" || format!("{fault:?}") == name;
    let faults: Vec<Plant> = Plant::ALL.iter().filter(wanted).copied().collect();
    let next = AtomicUsize::new(0);
    let missed = AtomicUsize::new(0);
    let work = || {
        while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !find(*fault, from, seeds) {
                missed.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, Into::into);
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    match missed.load(Ordering::Relaxed) {
        0 => ExitCode::SUCCESS,
        missed => {
            print(&format!("{missed} planted faults were not found in {seeds} seeds"));
            ExitCode::FAILURE
        }
    }
}

fn find(fault: Plant, from: u64, seeds: u64) -> bool {
    plant(Some(fault));
    let mut seeds = from..from + seeds;
    let found = seeds.find_map(|seed| {
        let wrong = run(seed, false).wrong;
        wrong.into_iter().next().map(|wrong| (seed, wrong))
    });
    match &found {
        Some((seed, wrong)) => {
            print(&format!(
                "{fault:?}: found by seed {seed}, the {}. one: {wrong}",
                seed - from + 1
            ));
        }
        None => print(&format!("{fault:?}: NOT FOUND")),
    }
    found.is_some()
}
