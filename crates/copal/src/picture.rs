//! The whole cluster as text for people.

use copal_config::config::Config;
use copal_protocol::state::State;
use copal_protocol::status::Status;

use crate::notes::notes;
use crate::outline::{self, Kind};
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

/// Those of servers that hold copies of each other's sessions have more.
const HOLDERS: &[(&str, Side)] = &[
    ("server", Side::Left),
    ("state", Side::Left),
    ("uptime", Side::Right),
    ("connections", Side::Right),
    ("in flight", Side::Right),
    ("req/s", Side::Right),
    ("sessions", Side::Right),
    ("copies", Side::Right),
    ("short", Side::Right),
    ("surplus", Side::Right),
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

/// The whole cluster: for each cluster of the file, or without a file each of which servers tell, its servers as they see themselves, and as the
/// web tier sees them; then what an operator should know.
#[must_use]
pub fn draw(config: Option<&Config>, told: &[Told], has_colours: bool) -> String {
    let seen = seen::combine(told);
    let mut blocks = Vec::new();
    let clusters = config.map_or_else(|| outline::of_answers(told), outline::of_file);
    for cluster in &clusters {
        let is_ours = cluster.kind != Kind::Http;
        let mut block = format!("{}\n", first_line(&cluster.name));
        if is_ours {
            block.push_str(&ours(Some(&cluster.name), told, has_colours));
        }
        // Nothing balances to a web tier of ours, unless a rule of another one names it.
        let is_web = cluster.kind == Kind::Web;
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
    let homeless = ours(None, told, has_colours);
    if !homeless.is_empty() {
        blocks.push(format!("cluster unknown\n{homeless}"));
    }
    let notes = notes(config, told, &seen);
    if !notes.is_empty() {
        let lines = notes.iter().map(|note| format!("  {note}\n"));
        blocks.push(format!("notes\n{}", lines.collect::<String>()));
    }
    blocks.join("\n")
}

/// The servers of a cluster of ours, as they see themselves; nothing when there are none.
fn ours(cluster: Option<&str>, told: &[Told], has_colours: bool) -> String {
    let rows: Vec<&Told> = told.iter().filter(|one| one.cluster.as_deref() == cluster).collect();
    if rows.is_empty() {
        return String::new();
    }
    let has_copies = |one: &&Told| one.status().is_some_and(|status| status.copies.is_some());
    let columns = if rows.iter().any(has_copies) { HOLDERS } else { OURS };
    let mut table = Table::new(columns);
    for one in rows {
        match &one.outcome {
            Ok(status) => {
                let mut row = own_row(status);
                row.extend(copies_of(status));
                row.truncate(columns.len());
                table.row(row);
            }
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

/// Copies of sessions of others; own sessions with too few copies, which are made, and copies that are too
/// many, which are dropped.
fn copies_of(status: &Status) -> [(String, Tone); 3] {
    let text = |count: Option<u64>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
    let tone = |odd: bool| if odd { Tone::Odd } else { Tone::Plain };
    let is_short = status.short_of_copies.is_some_and(|short| short > 0);
    [
        (text(status.copies), Tone::Plain),
        (text(status.short_of_copies), tone(is_short)),
        (text(status.surplus_copies), Tone::Plain),
    ]
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

/// With two digits that count: what is measured falls into classes that are no finer.
fn milliseconds(microseconds: u64) -> String {
    let mut unit: u64 = 1;
    let mut count = microseconds;
    while count >= 100 {
        unit = unit.saturating_mul(10);
        count = microseconds.saturating_add(unit / 2) / unit;
    }
    match unit {
        1 if count == 0 => "0".to_owned(),
        1 => format!("0.{count:03}"),
        10 => format!("0.{count:02}"),
        100 => format!("{}.{}", count / 10, count % 10),
        _ => (unit / 1000).saturating_mul(count).to_string(),
    }
}

#[cfg(test)]
mod tests;
