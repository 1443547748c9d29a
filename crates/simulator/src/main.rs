//! Runs whole clusters of the ring in virtual time, with everything that can go wrong.

#![expect(clippy::indexing_slicing, reason = "for tests: a wrong index is to be seen at once")]

mod cellar;
mod trouble;
mod chance;
mod client;
mod excuse;
mod faults;
mod line;
mod moment;
mod network;
mod operator;
mod plan;
#[cfg(planted)]
mod planted;
mod process;
mod rest;
mod run;
mod story;
mod strangers;
mod table;
mod trigger;
mod users;
mod verdict;
mod well;
mod wiring;
mod world;

use std::panic::resume_unwind;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use clap::Parser;
use copal_replica::counts::Counts;

use crate::line::print;
use crate::operator::STRIKES;
use crate::plan::DIMENSIONS;
use crate::run::{Run, run};

/// Runs whole clusters of the ring in virtual time, each with a seed of its own, and checks what was
/// promised.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Print everything that happens.
    #[arg(long)]
    trace: bool,
    /// Plant a fault, or all of them, one after the other, and see after how many seeds each is found.
    #[cfg(planted)]
    #[arg(long, num_args = 0..=1, default_missing_value = "all")]
    planted: Option<String>,
    /// Go on after a seed that failed.
    #[arg(long)]
    all: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    #[cfg(planted)]
    if let Some(name) = &arguments.planted {
        return planted::find_all(name, arguments.from, arguments.seeds);
    }
    let mut runs = run_all(&arguments);
    runs.sort_unstable_by_key(|run| run.seed);
    let failed = runs.iter().filter(|run| !run.wrong.is_empty()).count();
    print(&format!("{failed} of {} seeds failed", runs.len()));
    let digest = runs.iter().fold(0_u64, |all, run| all.wrapping_mul(31).wrapping_add(run.digest));
    print(&format!("{digest:016x}: the same seeds give the same number"));
    let never = report(&runs);
    let blind = arguments.seeds >= ENOUGH && !never.is_empty() && failed == 0;
    if blind {
        print(&format!("these seeds show little: never {}", never.join(", never ")));
    }
    if failed > 0 || blind { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// In so many seeds every path should have been taken.
const ENOUGH: u64 = 500;

/// Runs the seeds on as many threads as there are cores. Each seed has a world of its own.
fn run_all(arguments: &Arguments) -> Vec<Run> {
    let threads =
        if arguments.trace { 1 } else { thread::available_parallelism().map_or(1, Into::into) };
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from + arguments.seeds;
    let stop = AtomicBool::new(false);
    let work = || {
        let mut runs = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                break;
            }
            let run = run(seed, arguments.trace);
            // At once: many seeds take long.
            run.wrong.iter().for_each(|wrong| print(&format!("seed {seed}: {wrong}")));
            stop.fetch_or(!run.wrong.is_empty() && !arguments.all, Ordering::Relaxed);
            runs.push(run);
        }
        runs
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.flat_map(|runs| runs.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

/// How often each path was taken. Returns those that never were.
fn report(runs: &[Run]) -> Vec<&'static str> {
    let all: Vec<&Counts> = runs.iter().flat_map(|run| &run.counts).collect();
    let mut never = Vec::new();
    for (place, (name, _)) in Counts::default().rows().into_iter().enumerate() {
        let counts = all.iter().filter_map(|one| one.rows().get(place).map(|(_, count)| *count));
        let sum = counts.sum::<u64>();
        print(&format!("{name:>20} {sum}"));
        never.extend((sum == 0).then_some(name));
    }
    for name in DIMENSIONS.into_iter().chain(STRIKES) {
        let sum = runs.iter().filter_map(|run| run.struck.get(name)).sum::<u64>();
        print(&format!("{name:>28} {sum}"));
        never.extend((sum == 0).then_some(name));
    }
    never
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_does_the_same_each_time() {
        for seed in 1..6 {
            let (one, other) = (run(seed, false), run(seed, false));
            assert_eq!((one.digest, one.counts), (other.digest, other.counts), "{seed}");
        }
    }

    #[test]
    fn what_was_promised_holds() {
        for seed in 1..12 {
            assert_eq!(run(seed, false).wrong, Vec::<String>::new(), "{seed}");
        }
    }

    /// An answer to its own question came after the session had been handed to the asker: it began the
    /// epoch that it had been given once more, as its own proposal.
    #[test]
    fn an_epoch_that_was_granted_is_not_begun_again() {
        assert_eq!(run(10584, false).wrong, Vec::<String>::new());
    }

    /// A server was sent a copy by one that had been cut off, and nobody else knew. The session ended
    /// and was forgotten, and then the copy was found.
    #[test]
    fn a_copy_that_nobody_knew_of_does_not_bring_an_ended_session_back() {
        assert_eq!(run(32903, false).wrong, Vec::<String>::new());
    }
}
