//! Writes sessions that a second process holds too, and the same into Redis: what `benches/copies` measures.
//!
//! Each line on standard input, `SECONDS RATE`, is one round; `RATE` 0 is as fast as it goes. What came of it
//! is one line on standard output: writes, seconds, and the median and the 99th percentile in microseconds.

mod load;
mod redis;
mod ring;

use std::env;
use std::process::ExitCode;

use mimalloc::MiMalloc;

/// As the app tier's own program has it.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let Ok(runtime) = runtime else { return ExitCode::FAILURE };
    let local = tokio::task::LocalSet::new();
    let done = match words[..] {
        ["ring", own, port_a, port_b] => {
            let ports = [port_a, port_b].map(|port| port.parse().expect("a port"));
            local.block_on(&runtime, ring::run(own, ports))
        }
        ["redis", port] => local.block_on(&runtime, redis::run(port.parse().expect("a port"))),
        _ => Err("ring a|b PORT PORT, or redis PORT".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("copies: {error}");
            ExitCode::FAILURE
        }
    }
}
