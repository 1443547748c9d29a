//! Who must be asked to change the state of a server, as the servers of this host tell it.

use crate::doors::Doors;
use crate::errand::{Errand, NoErrand};
use crate::told::Told;

/// Who must be asked to change the state of the server `id`, when all that is known are the
/// control sockets behind `doors` and what was `told` there.
///
/// # Errors
/// When nobody can.
pub fn errand(id: &str, doors: &[Doors], told: &[Told]) -> Result<Errand, NoErrand> {
    let is_web = |one: &Told| one.status().is_some_and(|status| status.tier == "web");
    let find = |id: &str| told.iter().find(|one| one.server == id);
    if find(id).is_some_and(is_web) {
        return Err(NoErrand::WebServer(id.to_owned()));
    }
    if let Some(own) = doors.iter().find(|doors| doors.server == id) {
        return Ok(Errand::Itself(own.clone()));
    }
    let balanced = || told.iter().filter_map(Told::status).flat_map(|status| &status.servers);
    match balanced().find(|server| server.id == id) {
        Some(server) if server.protocol == "http" => {
            // One that says nothing may be a web server that hangs, unless the others know better.
            let may_be_web = |one: &Told| {
                is_web(one)
                    || (one.outcome.is_err() && balanced().all(|server| server.id != one.server))
            };
            let asked = doors.iter().filter(|doors| find(&doors.server).is_some_and(may_be_web));
            Ok(Errand::EveryWebServer(asked.cloned().collect()))
        }
        Some(_) => Err(NoErrand::NoSocket(id.to_owned())),
        None => {
            let mut known: Vec<String> = Vec::new();
            let own = told.iter().filter(|one| !is_web(one)).map(|one| &one.server);
            for id in own.chain(balanced().map(|server| &server.id)) {
                if !known.contains(id) {
                    known.push(id.clone());
                }
            }
            Err(NoErrand::Unheard(id.to_owned(), known))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::silence::Silence;
    use serde_json::json;

    fn door(id: &str) -> Doors {
        Doors::of_socket(format!("/run/copal/{id}.sock").into()).unwrap()
    }

    fn tells(id: &str, tier: &str, balanced: &[(&str, &str)]) -> Told {
        let server = |(id, protocol): &(&str, &str)| {
            json!({ "cluster": "c", "id": id, "protocol": protocol, "address": "127.0.0.1:1",
                "state": "ready", "weight": 100, "in_flight": 0, "queued": 0, "requests": 0,
                "requests_per_second": 0.0, "failures": 0, "p50_microseconds": 0,
                "p99_microseconds": 0 })
        };
        let status = json!({ "server": id, "cluster": tier, "tier": tier, "version": "1",
            "pid": 1, "uptime_seconds": 1, "state": "ready",
            "servers": balanced.iter().map(server).collect::<Vec<_>>() });
        Told::new(door(id), Ok(serde_json::from_value(status).unwrap()))
    }

    fn hangs(id: &str) -> Told {
        Told::new(door(id), Err(Silence::TimedOut(id.to_owned())))
    }

    #[test]
    fn the_servers_themselves_tell_who_must_be_asked() {
        let balanced = [("app-a", "copal"), ("app-b", "copal"), ("far", "copal"), ("old", "http")];
        let told = [
            tells("app-a", "app", &[]),
            hangs("app-b"),
            tells("web-a", "web", &balanced),
            hangs("web-b"),
        ];
        let doors = ["app-a", "app-b", "web-a", "web-b"].map(door);
        #[rustfmt::skip]
        let table: [(&str, Result<&[&str], &str>); 6] = [
            // server   who is asked
            ("app-a",   Ok(&["app-a"])),
            ("app-b",   Ok(&["app-b"])),
            ("old",     Ok(&["web-a", "web-b"])),
            ("web-a",   Err("web-a is a web-tier server")),
            ("far",     Err("far has no control socket on this host")),
            ("x",       Err("no server of this host tells of \"x\"; they tell of app-a, app-b, web-b, far, old")),
        ];
        for (id, expected) in table {
            match (errand(id, &doors, &told), expected) {
                (Ok(errand), Ok(ids)) => {
                    let asked: Vec<_> = errand.doors().iter().map(|d| d.server.as_str()).collect();
                    assert_eq!(asked, ids, "{id}");
                }
                (Err(why), Err(words)) => assert!(why.to_string().starts_with(words), "{why}"),
                (errand, _) => panic!("{id}: {errand:?}"),
            }
        }
    }
}
