//! What the servers of this process log.

use std::fmt::{Debug, Write};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// How long a line is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Default)]
struct Ledger {
    lines: Mutex<Vec<(Level, String)>>,
    more: Condvar,
}

static LEDGER: OnceLock<Ledger> = OnceLock::new();

struct Writer;

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Writer {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("copal")
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        let ledger = ledger();
        lines(ledger).push((*event.metadata().level(), line.0));
        ledger.more.notify_all();
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

fn ledger() -> &'static Ledger {
    LEDGER.get_or_init(Ledger::default)
}

fn lines(ledger: &Ledger) -> MutexGuard<'_, Vec<(Level, String)>> {
    ledger.lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on everything is kept; to be called before the server starts.
pub(crate) fn open() {
    // Another test may have done so.
    let _ = tracing::subscriber::set_global_default(Writer);
}

/// Waits for a line with all of `parts` and returns its level.
pub(crate) fn level_of(parts: &[&str]) -> Level {
    let ledger = ledger();
    let fits = |(_, line): &&(Level, String)| parts.iter().all(|part| line.contains(part));
    let waiting = |lines: &mut Vec<(Level, String)>| !lines.iter().any(|line| fits(&line));
    let kept = ledger.more.wait_timeout_while(lines(ledger), PATIENCE, waiting);
    let (lines, _) = kept.unwrap_or_else(PoisonError::into_inner);
    let line = lines.iter().find(fits);
    line.map_or_else(|| panic!("no line with {parts:?} in {lines:?}"), |(level, _)| *level)
}
