//! Puts into words what a session id says.

use std::fmt::Write as _;

use copal_config::cluster::{Cluster, Protocol, Tier};
use copal_config::config::Config;
use copal_protocol::letters::Letters;
use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_id::SessionId;

/// What `value` says, a line per part; `None` when nothing in it can be used. The secret part of
/// an id is counted and never shown; with a configuration the servers have names.
#[must_use]
pub fn describe(value: &str, config: Option<&Config>) -> Option<String> {
    let letters = Letters::read(value.as_bytes())?;
    let mut text = String::new();
    let roles = [("owner", letters.owner), ("backup", letters.backup), ("third", letters.third)];
    for (role, index) in roles {
        let letter = char::from(index.letter());
        let servers = config.map(|config| servers(config, index)).unwrap_or_default();
        let line = format!("{role:7} {letter}  index {:<3} {servers}", index.get());
        line_of(&mut text, line.trim_end());
    }
    match SessionId::parse(value.as_bytes()) {
        Some(id) => {
            line_of(&mut text, &format!("key     {}", id.key()));
            let characters = id.proof().len();
            line_of(&mut text, &format!("proof   {characters} characters, not shown"));
        }
        None => line_of(&mut text, &route(value)),
    }
    Some(text)
}

/// Why a value that names servers is not a session id.
fn route(value: &str) -> String {
    let least = SessionId::MIN_LENGTH;
    let why = if value.len() < least {
        format!("it has {} characters, and a session id has at least {least}", value.len())
    } else {
        "it has characters that no session id has".to_owned()
    };
    format!("only a route, never a session: {why}")
}

/// The servers that a letter stands for, in every cluster that can have sessions.
fn servers(config: &Config, index: ServerIndex) -> String {
    let clusters: Vec<&Cluster> = config.clusters.iter().filter(|c| has_sessions(c)).collect();
    let mut names = String::new();
    for cluster in &clusters {
        let server = cluster.servers.iter().find(|server| server.index == index);
        let name = server.map_or("no server, passed over", |server| server.id.as_str());
        let comma = if names.is_empty() { "" } else { ", " };
        // Writing into a String cannot fail.
        let _ = match clusters.len() {
            1 => write!(names, "{comma}{name}"),
            _ => write!(names, "{comma}{}: {name}", cluster.name),
        };
    }
    names
}

fn has_sessions(cluster: &Cluster) -> bool {
    match cluster.protocol {
        Protocol::Copal => cluster.tier == Tier::App,
        Protocol::Http => cluster.sticky_sessions,
    }
}

fn line_of(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_config::process_environment::ProcessEnvironment;
    use copal_config::reader;
    use std::path::Path;

    #[test]
    fn the_letters_and_the_key_are_shown_and_the_proof_is_not() {
        let text = describe("bacX8ZwooOz_-0SecretSecret", None).unwrap();
        assert_eq!(
            text,
            "owner   b  index 1\n\
             backup  a  index 0\n\
             third   c  index 2\n\
             key     X8ZwooOz_-0\n\
             proof   12 characters, not shown\n"
        );
    }

    #[test]
    fn what_is_no_session_id_is_a_route_or_nothing() {
        #[rustfmt::skip]
        let table: [(&str, Option<&str>); 7] = [
            // value                          last line
            ("a-_",                           Some("it has 3 characters, and a session id has at least 24")),
            ("abc",                           Some("it has 3 characters, and a session id has at least 24")),
            ("abcdefghijklmnopqrstuvw",       Some("it has 23 characters, and a session id has at least 24")),
            ("abcdefghijklmnopqrstuvw.",      Some("it has characters that no session id has")),
            ("ab",                            None),
            ("a.c",                           None),
            ("",                              None),
        ];
        for (value, why) in table {
            let text = describe(value, None);
            let expected = why.map(|why| format!("only a route, never a session: {why}"));
            let last = text.as_deref().and_then(|text| text.lines().last());
            assert_eq!(last, expected.as_deref(), "{value:?}");
        }
        assert_eq!(describe(&"a".repeat(65), None), None);
        assert!(describe(&"a".repeat(64), None).is_some());
    }
    #[test]
    fn with_a_configuration_the_letters_have_names() {
        let file = r#"
            [[cluster.app-tier.server]]
            id = "app-a"
            [[cluster.app-tier.server]]
            id = "app-c"
            port = 6801
            index = 2
            [[cluster.app-tier.web-app]]
            app = "demo"
        "#;
        let config = reader::read_text("f", Path::new(""), file, &ProcessEnvironment);
        let text = describe("cba", Some(&config.unwrap().config)).unwrap();
        let names: Vec<_> = text.lines().map(|line| line.get(20..).unwrap_or_default()).collect();
        assert_eq!(names.get(..3).unwrap(), [" app-c", " no server, passed over", " app-a"]);
    }
}
