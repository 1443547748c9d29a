//! Sends requests at a fixed rate and says how long their answers took: `pace PORT PATH RATE
//! SECONDS CONNECTIONS`.
//!
//! When each request is due is fixed before the first one leaves, and its time is counted from
//! then: whoever answers late cannot thin out the load, nor hide the requests that wait behind.

#![expect(clippy::disallowed_methods, reason = "this program reads the clock and waits for it")]

mod line;

use std::error::Error;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use line::Line;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [port, path, rate, seconds, connections] = arguments.as_slice() else {
        return Err("pace PORT PATH RATE SECONDS CONNECTIONS".into());
    };
    let address = SocketAddr::from(([127, 0, 0, 1], port.parse()?));
    let (rate, seconds): (u32, u32) = (rate.parse()?, seconds.parse()?);
    let connections: u32 = connections.parse()?;
    if rate == 0 || seconds == 0 || connections == 0 {
        return Err("rate, seconds and connections are at least 1".into());
    }
    let mut lines = Vec::new();
    for first in 0..connections {
        lines.push((first, Line::connect(address, path)?));
    }
    let begin = Instant::now() + Duration::from_millis(100);
    let (gap, count) = (Duration::from_secs(1) / rate, rate.saturating_mul(seconds));
    let running: Vec<_> = (lines.into_iter())
        .map(|(first, mut line)| {
            thread::spawn(move || {
                let mine = (first..count).step_by(connections as usize);
                mine.map(|number| line.exchange(number, begin + gap * number)).collect()
            })
        })
        .collect();
    let mut times: Vec<Duration> = Vec::new();
    let mut failed = 0;
    for line in running {
        let results: Vec<std::io::Result<Duration>> =
            line.join().map_err(|_| "a connection panicked")?;
        for result in results {
            match result {
                Ok(time) => times.push(time),
                Err(_) => failed += 1,
            }
        }
    }
    times.sort_unstable();
    println!(
        "{{\"answered\":{},\"not_answered\":{failed},\"p50\":{:.1},\"p99\":{:.1},\"most\":{:.1}}}",
        times.len(),
        share(&times, 50),
        share(&times, 99),
        share(&times, 100),
    );
    Ok(())
}

/// The time within which so many percent were answered, in microseconds.
fn share(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).map_or(0.0, |time| time.as_secs_f64() * 1e6)
}
