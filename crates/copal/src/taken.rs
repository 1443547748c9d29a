//! What an operator reads when the state of a server was changed, or was not.

use copal_protocol::state::{State, Wish};
use copal_protocol::status::Status;

use crate::silence::Silence;
use crate::told::Told;

/// How the web servers come to know a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing<'a> {
    /// By their next health check of the server.
    NextCheck,
    /// Not at all: they make no health checks of it.
    Never,
    /// The web server with this id keeps it.
    KeptBy(&'a str),
}

/// The state of `server` was changed.
#[must_use]
pub fn taken(server: &str, state: State, hearing: Hearing<'_>) -> String {
    match hearing {
        Hearing::NextCheck => {
            format!("{server}: {state}; the web servers hear of it with their next check")
        }
        Hearing::Never => {
            format!("{server}: {state}; its `health-check` is off, so no web server hears of it")
        }
        Hearing::KeptBy(web_server) => format!("{server}: {state} at {web_server}"),
    }
}

/// What it means for the users whose sessions `server` has, as it told before.
#[must_use]
pub fn sessions(server: &str, wish: Wish, told: &[Told]) -> Option<String> {
    if !matches!(wish, Wish::Evict | Wish::Maintenance) {
        return None;
    }
    let mut statuses = told.iter().filter_map(Told::status);
    let status = statuses.find(|status| status.server == server)?;
    if status.copies.is_some() {
        return copies(status, told);
    }
    match status.sessions? {
        0 => None,
        1 => Some(format!(
            "{server} has 1 live session, and its cluster has no persistent-store: its user begins a \
             new session elsewhere"
        )),
        count => Some(format!(
            "{server} has {count} live sessions, and its cluster has no persistent-store: their users \
             begin new sessions elsewhere"
        )),
    }
}

/// Other servers have copies, and go on; but when only one is left to do so, nothing may happen to it.
fn copies(status: &Status, told: &[Told]) -> Option<String> {
    let server = &status.server;
    let others = told.iter().filter_map(Told::status);
    let others = others.filter(|other| other.cluster == status.cluster && other.server != *server);
    let is_ready = |other: &&Status| matches!(other.state, State::Ready | State::Warming);
    let mut ready = others.filter(is_ready);
    match (ready.next(), ready.next()) {
        (None, _) => Some(format!(
            "no other server of {} is ready: the sessions of {server} have nowhere to go",
            status.cluster
        )),
        (Some(last), None) => Some(format!(
            "only {last} is ready beside {server}: one copy of each session remains, on {last}, until \
             another server is ready",
            last = last.server
        )),
        (Some(_), Some(_)) => None,
    }
}

/// The server `asked` did not change a state.
#[must_use]
pub fn not_taken(asked: &str, silence: &Silence) -> String {
    let later = match silence {
        Silence::TimedOut(_) => "; it may still take it when it wakes up: look with `copal status`",
        _ => "",
    };
    format!("{asked}: {silence}{later}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doors::Doors;
    use serde_json::json;

    #[test]
    fn it_says_when_web_servers_hear_of_it() {
        #[rustfmt::skip]
        let table = [
            // how                        words
            (Hearing::NextCheck,          "a: drain; the web servers hear of it with their next check"),
            (Hearing::Never,              "a: drain; its `health-check` is off, so no web server hears of it"),
            (Hearing::KeptBy("web-a"),    "a: drain at web-a"),
        ];
        for (hearing, words) in table {
            assert_eq!(taken("a", State::Drain, hearing), words);
        }
    }

    #[test]
    fn users_who_lose_their_sessions_are_counted() {
        let told = |sessions: Option<u64>| {
            let status = json!({ "server": "a", "cluster": "c", "tier": "app", "version": "1",
                "pid": 1, "uptime_seconds": 1, "state": "ready", "sessions": sessions });
            let doors = Doors::of_socket("run/a.sock".into()).unwrap();
            vec![Told::new(doors, Ok(serde_json::from_value(status).unwrap()))]
        };
        #[rustfmt::skip]
        let table = [
            // server  wish                sessions   words
            ("a",      Wish::Evict,        Some(81),  Some("a has 81 live sessions, ")),
            ("a",      Wish::Maintenance,  Some(1),   Some("a has 1 live session, ")),
            ("a",      Wish::Maintenance,  Some(0),   None),
            ("a",      Wish::Maintenance,  None,      None),
            ("a",      Wish::Drain,        Some(81),  None),
            ("a",      Wish::Enable,       Some(81),  None),
            ("b",      Wish::Evict,        Some(81),  None),
        ];
        for (server, wish, live, words) in table {
            let said = sessions(server, wish, &told(live));
            assert_eq!(said.is_some(), words.is_some(), "{wish:?} {live:?}");
            assert!(said.unwrap_or_default().starts_with(words.unwrap_or_default()));
        }
    }

    #[test]
    fn the_operator_is_told_when_one_copy_remains() {
        let one = |server: &str, cluster: &str, state: &str| {
            let status = json!({ "server": server, "cluster": cluster, "tier": "app",
                "version": "1", "pid": 1, "uptime_seconds": 1, "state": state, "sessions": 5,
                "copies": 4 });
            let doors = Doors::of_socket(format!("run/{server}.sock").into()).unwrap();
            Told::new(doors, Ok(serde_json::from_value(status).unwrap()))
        };
        let (nobody, last) = ("no other server of c is ready: ", "only b is ready beside a: ");
        type Row<'r> = (&'r [(&'r str, &'r str, &'r str)], Option<&'r str>);
        #[rustfmt::skip]
        let table: &[Row<'_>] = &[
            // beside a                                       words
            (&[],                                             Some(nobody)),
            (&[("b", "c", "ready")],                          Some(last)),
            (&[("b", "c", "warming"), ("d", "c", "drain")],   Some(last)),
            (&[("b", "c", "ready"), ("d", "x", "ready")],     Some(last)),
            (&[("b", "c", "joining")],                        Some(nobody)),
            (&[("b", "c", "ready"), ("d", "c", "ready")],     None),
        ];
        for (others, words) in table {
            let others = others.iter().map(|(server, cluster, state)| one(server, cluster, state));
            let told: Vec<Told> = std::iter::once(one("a", "c", "ready")).chain(others).collect();
            for wish in [Wish::Evict, Wish::Maintenance] {
                let said = sessions("a", wish, &told);
                assert_eq!(said.is_some(), words.is_some(), "{said:?}");
                assert!(said.unwrap_or_default().starts_with(words.unwrap_or_default()));
            }
            assert_eq!(sessions("a", Wish::Drain, &told), None);
        }
    }

    #[test]
    fn who_sleeps_may_take_it_later() {
        let timed_out = not_taken("a", &Silence::TimedOut("run/a.sock".to_owned()));
        assert_eq!(
            timed_out,
            "a: timed out: no answer from run/a.sock; it may still take it when it wakes up: look \
             with `copal status`"
        );
        let refused = Silence::Refused("no".to_owned());
        assert_eq!(not_taken("a", &refused), "a: refused: no");
    }
}
