//! Rounds of writes by many at once, and how long each took.

use std::cell::RefCell;
use std::error::Error;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::task::spawn_local;
use tokio::time::Instant;

/// So many write at once.
pub const AT_ONCE: usize = 50;
/// Sessions of each.
pub const SESSIONS: usize = 200;
/// Bytes of a session.
pub const SIZE: usize = 1024;

/// Whatever went wrong.
pub type Failed = Box<dyn Error>;

/// One of those who write.
pub trait Writer: 'static {
    /// Writes the session of this number.
    async fn write(&mut self, number: usize) -> Result<(), Failed>;
}

/// Runs the rounds that standard input asks for.
pub async fn rounds<W: Writer>(writers: Vec<W>) -> Result<(), Failed> {
    println!("ready");
    let mut writers: Vec<Rc<RefCell<W>>> =
        writers.into_iter().map(|writer| Rc::new(RefCell::new(writer))).collect();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let mut words = line.split(' ');
        let mut next = || words.next().ok_or("SECONDS RATE");
        let (seconds, rate): (f64, f64) = (next()?.parse()?, next()?.parse()?);
        let begun = Instant::now();
        let end = begun + Duration::from_secs_f64(seconds);
        let tasks: Vec<_> = writers
            .iter_mut()
            .enumerate()
            .map(|(place, writer)| spawn_local(round(Rc::clone(writer), place, end, rate)))
            .collect();
        let mut took = Vec::new();
        for task in tasks {
            took.extend(task.await?.map_err(|error| error.to_string())?);
        }
        let seconds = begun.elapsed().as_secs_f64();
        took.sort_unstable();
        let at = |part: usize| took.get(took.len() * part / 100).copied().unwrap_or_default();
        println!("{} {seconds} {} {}", took.len(), at(50), at(99));
    }
    Ok(())
}

/// What one of them does in a round. Returns how long each write took, in microseconds.
#[expect(clippy::await_holding_refcell_ref, reason = "a writer has one task at a time")]
async fn round<W: Writer>(
    writer: Rc<RefCell<W>>,
    place: usize,
    end: Instant,
    rate: f64,
) -> Result<Vec<u64>, Failed> {
    let mut writer = writer.borrow_mut();
    let mut took = Vec::new();
    let between = (rate > 0.0).then(|| Duration::from_secs_f64(AT_ONCE as f64 / rate));
    // They do not all write at the same moment.
    let mut due = Instant::now() + between.unwrap_or_default().mul_f64(place as f64 / AT_ONCE as f64);
    let mut number = 0;
    loop {
        if let Some(between) = between {
            tokio::time::sleep_until(due).await;
            due += between;
        }
        let begun = if between.is_some() { due - between.unwrap_or_default() } else { Instant::now() };
        if Instant::now() >= end {
            return Ok(took);
        }
        writer.write(number % SESSIONS).await?;
        number += 1;
        took.push(u64::try_from(begun.elapsed().as_micros())?);
    }
}
