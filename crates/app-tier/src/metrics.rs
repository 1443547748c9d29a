//! The figures of an app-tier server, as Prometheus reads them.

use std::time::{Duration, SystemTime};

use copal_protocol::state::State;
use copal_serve::exposition::Exposition;
use copal_session::disk::state::DiskFigures;
use copal_session::ring::census::Census;

use crate::figures::Totals;

/// What there is to tell of a server.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) totals: Totals,
    pub(crate) state: State,
    pub(crate) sessions: u64,
    /// Sessions that could not be saved after their answer had left.
    pub(crate) late_saves_failed: u64,
    /// What its ring has, if its cluster has one.
    pub(crate) census: Option<Census>,
    /// Whether other servers of the ring have copies.
    pub(crate) replicates: bool,
    /// Times that the configuration was read again and taken.
    pub(crate) reloads: u64,
    /// Whether the last reading was taken.
    pub(crate) reloaded: bool,
    pub(crate) began: SystemTime,
}

/// All figures. Each is described in `docs/metrics.md`.
pub(crate) fn text(facts: &Facts) -> String {
    let mut out = Exposition::default();
    requests(&mut out, &facts.totals);
    connections(&mut out, &facts.totals);
    out.gauge("copal_app_sessions", "Sessions in memory.").sample(&[], facts.sessions);
    let of_ring = facts.census.as_ref().map_or(0, |census| census.count("expired"));
    let expired = facts.totals.expired + of_ring;
    out.counter("copal_app_sessions_expired_total", "Sessions that timed out, or lived too long.")
        .sample(&[], expired);
    out.counter(
        "copal_app_late_saves_failed_total",
        "Sessions that were not saved after their answer had left.",
    )
    .sample(&[], facts.late_saves_failed);
    if let Some(census) = &facts.census {
        ring(&mut out, census, facts.replicates);
    }
    let mut states = out.gauge("copal_app_state", "1 for what the server does at the moment.");
    for state in State::ALL {
        states.sample(&[("state", state.as_str())], u64::from(state == facts.state));
    }
    out.counter("copal_app_reloads_total", "Times that the file was read again and taken.")
        .sample(&[], facts.reloads);
    out.gauge("copal_app_last_reload_successful", "1 unless the last reading was refused.")
        .sample(&[], u64::from(facts.reloaded));
    let began = facts.began.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    out.gauge("copal_app_process_start_time_seconds", "When the server began, as Unix time.")
        .sample(&[], began.as_secs_f64());
    out.into_text()
}

fn requests(out: &mut Exposition, totals: &Totals) {
    let classes = ["1xx", "2xx", "3xx", "4xx", "5xx"].into_iter().zip(totals.answered);
    let mut requests = out.counter("copal_app_requests_total", "Requests that are done.");
    for (class, count) in classes.chain([("none", totals.unanswered)]) {
        requests.sample(&[("code", class)], count);
    }
    out.counter("copal_app_refused_requests_total", "Requests whose head was refused.")
        .sample(&[], totals.refused);
    out.gauge("copal_app_requests_in_flight", "Requests that are being answered.")
        .sample(&[], totals.in_flight());
    out.histogram("copal_app_request_duration_seconds", "From the head to the answer's end.")
        .sample(&[], &totals.durations);
}

fn ring(out: &mut Exposition, census: &Census, replicates: bool) {
    if replicates {
        copies(out, census);
    }
    out.gauge("copal_app_sessions_ended", "Ended sessions that are remembered for a while.")
        .sample(&[], census.ended);
    let mut resident = out.gauge(
        "copal_app_sessions_in_memory",
        "Sessions of which memory has all, and not only the disk.",
    );
    resident.sample(&[("kind", "own")], census.own_in_memory);
    resident.sample(&[("kind", "copy")], census.copies_in_memory);
    if let Some((state, figures)) = &census.disk {
        disk(out, state, figures);
        out.gauge("copal_app_disk_damaged", "Places of it that could not be read at the start.")
            .sample(&[], census.disk_damaged);
    }
    let said = census.said;
    out.counter("copal_app_ring_frames_total", "Frames about sessions for other servers.")
        .sample(&[], said.frames);
    out.counter("copal_app_ring_bytes_total", "Bytes of these frames.").sample(&[], said.bytes);
    out.counter("copal_app_ring_writes_total", "Writes that carried them.")
        .sample(&[], said.writes);
    let mut happened = out.counter("copal_app_ring_events_total", "What happened in the ring.");
    for (what, count) in &census.happened {
        happened.sample(&[("event", &what.replace(' ', "_"))], *count);
    }
}

fn copies(out: &mut Exposition, census: &Census) {
    out.gauge("copal_app_sessions_short_of_copies", "Own sessions with too few copies.")
        .sample(&[], census.short);
    out.gauge("copal_app_session_copies", "Copies of sessions of other servers.")
        .sample(&[], census.copies);
    out.gauge("copal_app_session_copies_surplus", "Copies of own sessions that are too many.")
        .sample(&[], census.surplus);
}

fn disk(out: &mut Exposition, now: &str, figures: &DiskFigures) {
    let mut states = out.gauge("copal_app_disk_state", "1 for how the disk copy is doing.");
    for state in ["working", "behind", "hanging", "full", "failed"] {
        states.sample(&[("state", state)], u64::from(state == now));
    }
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    out.gauge("copal_app_disk_sessions", "Sessions in the disk copy.")
        .sample(&[], count(figures.records));
    out.gauge("copal_app_disk_bytes", "Bytes of its files.").sample(&[], figures.disk_bytes);
    out.gauge("copal_app_disk_waiting", "Sessions that wait to be written.")
        .sample(&[], count(figures.waiting + figures.not_taken));
    out.counter("copal_app_disk_written_total", "Versions that were written.")
        .sample(&[], figures.written);
    out.counter("copal_app_disk_syncs_total", "Times that was synced.").sample(&[], figures.syncs);
    out.counter("copal_app_disk_errors_total", "Operations on its files that failed.")
        .sample(&[], figures.errors);
}

fn connections(out: &mut Exposition, totals: &Totals) {
    let kinds = [("cluster", totals.cluster), ("public", totals.public)];
    let mut open = out.gauge("copal_app_connections", "Connections that are open.");
    for (kind, connections) in kinds {
        open.sample(&[("listener", kind)], connections.open);
    }
    let mut taken = out.counter("copal_app_connections_total", "Connections that were taken.");
    for (kind, connections) in kinds {
        taken.sample(&[("listener", kind)], connections.taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Connections;
    use copal_session::ring::traffic::Said;

    fn facts() -> Facts {
        Facts {
            totals: Totals {
                requests: 20,
                answered: [0, 9, 0, 4, 1],
                unanswered: 2,
                expired: 4,
                public: Connections { open: 3, taken: 8 },
                ..Totals::default()
            },
            state: State::Drain,
            sessions: 7,
            late_saves_failed: 6,
            census: Some(Census {
                own: 7,
                short: 1,
                copies: 5,
                surplus: 6,
                ended: 9,
                own_in_memory: 5,
                copies_in_memory: 4,
                disk_damaged: 9,
                disk: Some(("full", disk())),
                said: Said { frames: 6, bytes: 600, writes: 4 },
                happened: vec![("expired", 2), ("degraded takeovers", 3)],
            }),
            replicates: true,
            reloads: 2,
            reloaded: false,
            began: SystemTime::UNIX_EPOCH + Duration::from_millis(1500),
        }
    }

    fn disk() -> DiskFigures {
        DiskFigures {
            waiting: 21,
            not_taken: 22,
            records: 8,
            disk_bytes: 23,
            written: 24,
            syncs: 25,
            errors: 26,
            ..DiskFigures::default()
        }
    }

    #[test]
    fn every_figure_has_its_line() {
        let text = text(&facts());
        for line in [
            "copal_app_requests_total{code=\"2xx\"} 9",
            "copal_app_requests_total{code=\"none\"} 2",
            "copal_app_requests_in_flight 4",
            "copal_app_connections{listener=\"public\"} 3",
            "copal_app_connections_total{listener=\"public\"} 8",
            "copal_app_sessions 7",
            "copal_app_late_saves_failed_total 6",
            "copal_app_sessions_short_of_copies 1",
            "copal_app_session_copies 5",
            "copal_app_session_copies_surplus 6",
            "copal_app_sessions_ended 9",
            "copal_app_sessions_expired_total 6",
            "copal_app_disk_state{state=\"full\"} 1",
            "copal_app_disk_sessions 8",
            "copal_app_disk_bytes 23",
            "copal_app_disk_waiting 43",
            "copal_app_disk_written_total 24",
            "copal_app_disk_syncs_total 25",
            "copal_app_disk_errors_total 26",
            "copal_app_ring_frames_total 6",
            "copal_app_ring_bytes_total 600",
            "copal_app_ring_writes_total 4",
            "copal_app_disk_damaged 9",
            "copal_app_ring_events_total{event=\"degraded_takeovers\"} 3",
            "copal_app_state{state=\"ready\"} 0",
            "copal_app_state{state=\"drain\"} 1",
            "copal_app_reloads_total 2",
            "copal_app_last_reload_successful 0",
            "copal_app_process_start_time_seconds 1.5",
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is missing in\n{text}");
        }
    }

    #[test]
    fn every_figure_is_described() {
        let described = include_str!("../../../docs/metrics.md");
        let text = text(&facts());
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
            .collect();
        for name in &names {
            assert!(described.contains(&format!("`{name}`")), "{name} is not in docs/metrics.md");
        }
        // And nothing is described that there is not.
        let quoted = described.split('`').filter(|word| word.starts_with("copal_app_"));
        let mut quoted = quoted.filter_map(|word| word.split('{').next());
        assert_eq!(quoted.find(|word| !names.contains(word)), None);
    }
}
