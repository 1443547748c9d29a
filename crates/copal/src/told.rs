//! What came of asking one server of ours how it is.

use copal_protocol::status::Status;
use serde_json::{Value, json};

use crate::doors::Doors;
use crate::silence::Silence;

/// What came of asking one server of ours how it is.
#[derive(Debug)]
pub struct Told {
    /// The id of the server.
    pub server: String,
    /// The name of its cluster, when it is known.
    pub cluster: Option<String>,
    /// What it said, or why it said nothing.
    pub outcome: Result<Status, Silence>,
}

impl Told {
    /// The outcome of asking the server behind `doors`. Who calls itself otherwise does not count
    /// as this server.
    #[must_use]
    pub fn new(doors: Doors, outcome: Result<Status, Silence>) -> Self {
        let outcome = outcome.and_then(|status| {
            if status.server == doors.server {
                return Ok(status);
            }
            let why = format!("it calls itself {:?}", status.server);
            Err(Silence::Stranger { at: doors.socket_or_admin(), why })
        });
        let own = || outcome.as_ref().ok().map(|status: &Status| status.cluster.clone());
        let cluster = doors.cluster.or_else(own);
        Self { server: doors.server, cluster, outcome }
    }

    /// The status, when it answered.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        self.outcome.as_ref().ok()
    }
}

/// Gives those who say nothing, and of whom no file tells, the cluster to which web servers count
/// them.
pub fn place(told: &mut [Told]) {
    let counted: Vec<_> = (told.iter().filter_map(Told::status))
        .flat_map(|status| &status.servers)
        .map(|server| (server.id.clone(), server.cluster.clone()))
        .collect();
    for one in told.iter_mut().filter(|one| one.cluster.is_none()) {
        let found = counted.iter().find(|(id, _)| *id == one.server);
        one.cluster = found.map(|(_, cluster)| cluster.clone());
    }
}

/// All of them as one object for programs.
#[must_use]
pub fn object(told: &[Told]) -> Value {
    let server = |one: &Told| match &one.outcome {
        Ok(status) => json!({ "server": one.server, "cluster": one.cluster, "status": status }),
        Err(silence) => {
            json!({ "server": one.server, "cluster": one.cluster, "error": silence.to_string() })
        }
    };
    json!({ "servers": told.iter().map(server).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_config::network::Address;
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn another_server_behind_the_door_does_not_count() {
        let doors = |server: &str| Doors {
            server: server.to_owned(),
            cluster: Some("app-tier".to_owned()),
            socket: "run/x.sock".into(),
            address: Address::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            admin: None,
        };
        let status = json!({ "server": "app-a", "cluster": "app-tier", "tier": "app",
            "version": "1", "pid": 1, "uptime_seconds": 1, "state": "ready" });
        let status = || serde_json::from_value(status.clone()).unwrap();
        assert!(Told::new(doors("app-a"), Ok(status())).status().is_some());
        let told = Told::new(doors("app-b"), Ok(status()));
        let why = "what answers at run/x.sock is not this server: it calls itself \"app-a\"";
        assert_eq!(told.outcome.unwrap_err().to_string(), why);
    }
}
