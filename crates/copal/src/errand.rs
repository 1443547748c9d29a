//! Who must be asked to change the state of a server.

use copal_config::cluster::{Cluster, Protocol, Tier};
use copal_config::config::Config;

use crate::doors::Doors;

/// Who must be asked to change the state of a server.
#[derive(Debug)]
pub enum Errand {
    /// The server itself, which announces its state.
    Itself(Doors),
    /// Every web server: each keeps the state of servers that are not ours.
    EveryWebServer(Vec<Doors>),
}

/// A server whose state cannot be changed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoErrand {
    /// The file has no such server.
    #[error("there is no server {0:?} in the file; it has {known}", known = .1.join(", "))]
    Unknown(String, Vec<String>),
    /// The file cannot be used, and no server of this host knows such a server.
    #[error("no server of this host tells of {0:?}; they tell of {known}", known = .1.join(", "))]
    Unheard(String, Vec<String>),
    /// The file cannot be used, and only it says where this server is asked.
    #[error(
        "{0} has no control socket on this host: mend the configuration, which says how it is \
         reached, or ask on its own host"
    )]
    NoSocket(String),
    /// Nobody of ours sends requests to a web server.
    #[error(
        "{0} is a web-tier server, and requests come to it from outside: take it out of what \
         stands before it (its load balancer, the DNS), then end it with SIGTERM, which lets it \
         finish what runs"
    )]
    WebServer(String),
    /// The file has no web server that could keep the state.
    #[error("no web-tier server of the file balances to {0}")]
    NobodyBalances(String),
    /// No process of ours reads the file.
    #[error("{0} is not a server of ours (`protocol = \"http\"`): it reads no file of ours")]
    NotOurs(String),
}

impl Errand {
    /// Who must be asked to change the state of the server `id`.
    ///
    /// # Errors
    /// When nobody can.
    pub fn find(config: &Config, id: &str) -> Result<Self, NoErrand> {
        let Some((cluster, server)) = config.server(id) else {
            return Err(unknown(config, id, |cluster| !is_web(cluster)));
        };
        match (cluster.protocol, cluster.tier) {
            (Protocol::Copal, Tier::App) => Ok(Self::Itself(Doors::of(config, cluster, server))),
            (Protocol::Copal, Tier::Web) => Err(NoErrand::WebServer(id.to_owned())),
            (Protocol::Http, _) => match web_servers(config) {
                doors if doors.is_empty() => Err(NoErrand::NobodyBalances(id.to_owned())),
                doors => Ok(Self::EveryWebServer(doors)),
            },
        }
    }

    /// The servers that are asked.
    #[must_use]
    pub fn doors(&self) -> &[Doors] {
        match self {
            Self::Itself(doors) => std::slice::from_ref(doors),
            Self::EveryWebServer(doors) => doors,
        }
    }
}

fn web_servers(config: &Config) -> Vec<Doors> {
    Doors::of_clusters(config, is_web)
}

/// The servers that read the file: the one called `id`, or all of ours.
///
/// # Errors
/// When there is no such server, or it is not ours.
pub fn readers(config: &Config, id: Option<&str>) -> Result<Vec<Doors>, NoErrand> {
    let Some(id) = id else {
        return Ok(Doors::all(config));
    };
    match config.server(id) {
        None => Err(unknown(config, id, |cluster| cluster.protocol == Protocol::Copal)),
        Some((cluster, _)) if cluster.protocol == Protocol::Http => {
            Err(NoErrand::NotOurs(id.to_owned()))
        }
        Some((cluster, server)) => Ok(vec![Doors::of(config, cluster, server)]),
    }
}

fn is_web(cluster: &Cluster) -> bool {
    cluster.protocol == Protocol::Copal && cluster.tier == Tier::Web
}

fn unknown(config: &Config, id: &str, wanted: impl Fn(&Cluster) -> bool) -> NoErrand {
    let known = Doors::of_clusters(config, wanted);
    NoErrand::Unknown(id.to_owned(), known.into_iter().map(|doors| doors.server).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_config::process_environment::ProcessEnvironment;
    use copal_config::reader;
    use std::path::Path;

    const FILE: &str = r#"
        [[cluster.web-tier.server]]
        id = "web-a"
        http = [{ port = 8080 }]
        [[cluster.web-tier.server]]
        id = "web-b"
        http = [{ port = 8081 }]
        [[cluster.web-tier.rewrite-dispatch]]
        regexp = "^/old"
        load-balance = "legacy"
        [[cluster.web-tier.rewrite-dispatch]]
        load-balance = "app-tier"
        [[cluster.app-tier.server]]
        id = "app-a"
        [[cluster.app-tier.web-app]]
        app = "demo"
        [cluster.legacy]
        protocol = "http"
        [[cluster.legacy.server]]
        id = "old"
        port = 9000
    "#;

    fn config(text: &str) -> Config {
        let read = reader::read_text("f", Path::new("/etc/copal"), text, &ProcessEnvironment);
        read.unwrap_or_else(|report| panic!("{report}")).config
    }

    #[test]
    fn an_app_server_is_asked_itself_and_all_web_servers_about_others() {
        let config = config(FILE);
        #[rustfmt::skip]
        let table: [(&str, Result<&[&str], &str>); 4] = [
            // server   who is asked
            ("app-a",   Ok(&["app-a"])),
            ("old",     Ok(&["web-a", "web-b"])),
            ("web-a",   Err("web-a is a web-tier server")),
            ("app-b",   Err("there is no server \"app-b\" in the file; it has app-a, old")),
        ];
        for (id, expected) in table {
            match (Errand::find(&config, id), expected) {
                (Ok(errand), Ok(ids)) => {
                    let asked: Vec<_> = errand.doors().iter().map(|d| d.server.as_str()).collect();
                    assert_eq!(asked, ids);
                }
                (Err(why), Err(words)) => assert!(why.to_string().starts_with(words), "{why}"),
                (errand, _) => panic!("{id}: {errand:?}"),
            }
        }
    }

    #[test]
    fn only_servers_of_ours_read_the_file() {
        let config = config(FILE);
        let ids = |id| {
            let doors = readers(&config, id)?;
            Ok(doors.into_iter().map(|doors| doors.server).collect::<Vec<_>>())
        };
        assert_eq!(ids(None).unwrap(), ["web-a", "web-b", "app-a"]);
        assert_eq!(ids(Some("web-b")).unwrap(), ["web-b"]);
        assert_eq!(ids(Some("old")), Err(NoErrand::NotOurs("old".to_owned())));
        let why = ids(Some("x")).unwrap_err();
        assert!(why.to_string().ends_with("it has web-a, web-b, app-a"), "{why}");
    }

    #[test]
    fn control_sockets_stand_in_the_run_dir() {
        let config = config(FILE);
        let doors = readers(&config, Some("app-a")).unwrap();
        assert_eq!(doors[0].socket, config.run_dir.join("app-a.sock"));
    }
}
