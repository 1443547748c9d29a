//! Command lines, right and wrong.

use std::path::Path;

use copal_testkit::recipe::examples;

use crate::said::run;

fn three_servers() -> String {
    examples().join("three_servers.toml").to_string_lossy().into_owned()
}

#[test]
fn an_unknown_server_is_answered_with_the_known_ones() {
    let config = three_servers();
    let rows = [
        ("web-tier", ["web-a", "web-b"].as_slice()),
        ("app-tier", ["app-a", "app-b", "app-c"].as_slice()),
    ];
    for (program, known) in rows {
        let said = run(Path::new("."), program, &["--config", &config, "--server", "nobody"]);
        assert_eq!(said.code, Some(2), "{program}: {said:?}");
        for name in known.iter().chain(&["nobody"]) {
            assert!(said.errors.contains(name), "{program}: {name}: {said:?}");
        }
    }
}

#[test]
fn a_server_of_the_other_tier_is_refused() {
    let config = three_servers();
    for (program, server) in [("web-tier", "app-a"), ("app-tier", "web-a")] {
        let said = run(Path::new("."), program, &["--config", &config, "--server", server]);
        assert_eq!(said.code, Some(2), "{program}: {said:?}");
        assert!(said.errors.contains(server), "{program}: {said:?}");
    }
}

#[test]
fn a_wrong_command_line_is_2_and_help_is_0() {
    for program in ["copal", "web-tier", "app-tier"] {
        assert_eq!(run(Path::new("."), program, &["--nonsense"]).code, Some(2), "{program}");
        let help = run(Path::new("."), program, &["--help"]);
        assert_eq!(help.code, Some(0), "{program}: {help:?}");
        assert!(help.output.contains("Usage"), "{program}: {help:?}");
    }
}

#[test]
fn session_id_names_the_letters() {
    let said = run(Path::new("."), "copal", &["session-id", "bacX8ZwooOz"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for word in ["owner", "backup", "third", "b", "a", "c"] {
        assert!(said.output.contains(word), "{word}: {said:?}");
    }
    let config = three_servers();
    let named = run(Path::new("."), "copal", &["session-id", "bacX8ZwooOz", "--config", &config]);
    assert_eq!(named.code, Some(0), "{named:?}");
    assert!(named.output.contains("app-b"), "{named:?}");
}

#[test]
fn what_is_no_session_id_is_refused() {
    for id in ["", "ab", "a!c", "ab\u{fc}"] {
        let said = run(Path::new("."), "copal", &["session-id", id]);
        assert_eq!(said.code, Some(2), "{id:?}: {said:?}");
        assert!(said.output.is_empty() && !said.errors.is_empty(), "{id:?}: {said:?}");
    }
}
