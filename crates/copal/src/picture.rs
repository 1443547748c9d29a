//! The whole cluster as text for people.

use copal_config::cluster::{Protocol, Tier};
use copal_config::config::Config;
use copal_protocol::state::State;
use copal_protocol::status::Status;

use crate::notes::notes;
use crate::printable::{first_line, printable};
use crate::seen::{self, Seen};
use crate::table::{Side, Table, Tone};
use crate::told::Told;

const OURS: &[(&str, Side)] = &[
    ("server", Side::Left),
    ("state", Side::Left),
    ("uptime", Side::Right),
    ("connections", Side::Right),
    ("in flight", Side::Right),
    ("req/s", Side::Right),
    ("sessions", Side::Right),
];

const BALANCED: &[(&str, Side)] = &[
    ("server", Side::Left),
    ("state", Side::Left),
    ("weight", Side::Right),
    ("in flight", Side::Right),
    ("queued", Side::Right),
    ("req/s", Side::Right),
    ("requests", Side::Right),
    ("failures", Side::Right),
    ("p50 ms", Side::Right),
    ("p99 ms", Side::Right),
];

/// The whole cluster: for each cluster of the file its servers as they see themselves, and as the
/// web tier sees them; then what an operator should know.
#[must_use]
pub fn draw(config: &Config, told: &[Told], has_colours: bool) -> String {
    let seen = seen::combine(told);
    let mut blocks = Vec::new();
    for cluster in &config.clusters {
        let is_ours = cluster.protocol == Protocol::Copal;
        let mut block = format!("{}\n", cluster.name);
        if is_ours {
            block.push_str(&ours(&cluster.name, told, has_colours));
        }
        // Nothing balances to a web tier of ours, unless a rule of another one names it.
        let is_web = is_ours && cluster.tier == Tier::Web;
        let rows: Vec<&Seen> = seen
            .iter()
            .filter(|server| server.cluster == cluster.name)
            .filter(|server| !is_web || server.requests > 0)
            .collect();
        if !rows.is_empty() {
            let title = if is_ours { "  as the web tier sees them:\n" } else { "" };
            block.push_str(title);
            block.push_str(&balanced(&rows, has_colours));
        } else if !is_ours {
            block.push_str("  no web server tells of its servers\n");
        }
        blocks.push(block);
    }
    let notes = notes(config, told, &seen);
    if !notes.is_empty() {
        let lines = notes.iter().map(|note| format!("  {note}\n"));
        blocks.push(format!("notes\n{}", lines.collect::<String>()));
    }
    blocks.join("\n")
}

fn ours(cluster: &str, told: &[Told], has_colours: bool) -> String {
    let mut table = Table::new(OURS);
    for one in told.iter().filter(|one| one.cluster == cluster) {
        match &one.outcome {
            Ok(status) => table.row(own_row(status)),
            Err(silence) => {
                table.remark(one.server.clone(), first_line(&silence.to_string()));
            }
        }
    }
    table.draw(has_colours)
}

fn own_row(status: &Status) -> Vec<(String, Tone)> {
    let state = (status.state.to_string(), tone(status.state));
    let mut row = vec![(printable(&status.server), Tone::Plain), state];
    let figures = [
        duration(status.uptime_seconds),
        status.connections.to_string(),
        status.in_flight.to_string(),
        rate(status.requests_per_second),
        status.sessions.map_or_else(|| "-".to_owned(), |sessions| sessions.to_string()),
    ];
    row.extend(figures.map(|figure| (figure, Tone::Plain)));
    row
}

fn balanced(rows: &[&Seen], has_colours: bool) -> String {
    let mut table = Table::new(BALANCED);
    for server in rows {
        table.row(balanced_row(server));
    }
    table.draw(has_colours)
}

fn balanced_row(server: &Seen) -> Vec<(String, Tone)> {
    let backup = if server.is_backup { " (backup)" } else { "" };
    let state = match server.state() {
        Some(state) => (state.to_string(), tone(state)),
        None => ("differs".to_owned(), Tone::Odd),
    };
    let mut row = vec![(format!("{}{backup}", first_line(&server.id)), Tone::Plain), state];
    let weights: Vec<String> = server.weights.iter().map(u32::to_string).collect();
    // Zero is what a web server says that has no answers to measure.
    let has_answers = server.p99_microseconds > 0;
    let time = |time| if has_answers { milliseconds(time) } else { "-".to_owned() };
    let figures = [
        weights.join("/"),
        server.in_flight.to_string(),
        server.queued.to_string(),
        rate(server.requests_per_second),
        server.requests.to_string(),
        server.failures.to_string(),
        time(server.p50_microseconds),
        time(server.p99_microseconds),
    ];
    row.extend(figures.map(|figure| (figure, Tone::Plain)));
    row
}

const fn tone(state: State) -> Tone {
    match state {
        State::Ready => Tone::Good,
        State::Down => Tone::Bad,
        State::Warming
        | State::Drain
        | State::Evict
        | State::Joining
        | State::Leaving
        | State::Maintenance => Tone::Odd,
    }
}

fn rate(per_second: f64) -> String {
    format!("{per_second:.1}")
}

/// `42s`, `3m12s`, `5h07m`, `12d03h`.
fn duration(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m{:02}s", seconds % 60),
        (0, _, _) => format!("{hours}h{:02}m", minutes % 60),
        (_, _, _) => format!("{days}d{:02}h", hours % 24),
    }
}

fn milliseconds(microseconds: u64) -> String {
    let hundredths = microseconds.saturating_add(5) / 10;
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests;
