//! A wrong file: all mistakes at once, each with its place, and nothing is started.

use crate::said::{Said, run};

const WRONG: &str = r#"secret = "short"
colour = "blue"

[limits]
drain-time = "soon"
max-head = 12

[[cluster.web-tier.server]]
id = "web-a"
http = [{ port = 99999 }]

[[cluster.web-tier.rewrite-dispatch]]
regexp = '(unclosed'
load-balance = "nowhere"
"#;

fn check(program: &str, more: &[&str]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.toml");
    std::fs::write(&path, WRONG).expect("the file");
    let config = path.to_string_lossy().into_owned();
    let arguments: Vec<&str> = more.iter().copied().chain(["--config", &config]).collect();
    run(folder.path(), program, &arguments)
}

#[test]
fn all_mistakes_are_told_with_line_and_column() {
    for program in ["copal", "web-tier", "app-tier"] {
        let said = check(program, &["check"]);
        assert_eq!(said.code, Some(2), "{program}: {said:?}");
        let all = format!("{}{}", said.output, said.errors);
        for place in ["wrong.toml:1:", "wrong.toml:2:1", "wrong.toml:5:14", "wrong.toml:10:"] {
            assert!(all.contains(place), "{program}: {place} is not in:\n{all}");
        }
        for place in ["wrong.toml:13:", "wrong.toml:14:16"] {
            assert!(all.contains(place), "{program}: {place} is not in:\n{all}");
        }
        for word in ["colour", "soon", "99999", "(unclosed", "nowhere"] {
            assert!(all.contains(word), "{program}: {word} is not in:\n{all}");
        }
        assert!(!all.contains("\"short\""), "{program}: the secret is printed:\n{all}");
    }
}

#[test]
fn nothing_is_started_with_a_wrong_file() {
    for (program, server) in [("web-tier", "web-a"), ("app-tier", "app-a")] {
        let said = check(program, &["--server", server]);
        assert_eq!(said.code, Some(2), "{program}: {said:?}");
        assert!(!said.errors.contains("listening"), "{program}: {said:?}");
    }
}

#[test]
fn a_file_that_is_not_toml_is_a_mistake_with_a_place() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("copal.toml"), "[limits\n").expect("the file");
    // Without --config it is copal.toml of the folder.
    let said = run(folder.path(), "copal", &["check"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.errors.contains("copal.toml:1:"), "{said:?}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), "copal", &["check", "--config", "gone.toml"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.errors.contains("gone.toml"), "{said:?}");
}

#[test]
fn without_a_file_every_program_says_where_it_was_looked_for() {
    if std::path::Path::new("/etc/copal/copal.toml").exists() {
        // This host has the file that nobody must find here.
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut words = std::collections::BTreeSet::new();
    for (program, arguments) in [
        ("copal", ["check"].as_slice()),
        ("web-tier", &["check"]),
        ("app-tier", &["check"]),
        ("web-tier", &["--server", "web-a"]),
        ("app-tier", &["--server", "app-a"]),
    ] {
        let said = run(folder.path(), program, arguments);
        assert_eq!(said.code, Some(2), "{program}: {said:?}");
        for place in ["--config", "COPAL_CONFIG", "copal.toml here", "/etc/copal/copal.toml"] {
            assert!(said.errors.contains(place), "{program}: {place}: {said:?}");
        }
        words.insert(said.errors.trim_start_matches("copal: ").to_owned());
    }
    assert_eq!(words.len(), 1, "{words:?}");
}

const APP: &str = r#"
[[cluster.app-tier.server]]
id = "app-a"
http = [{ port = 8080 }]

[[cluster.app-tier.web-app]]
"#;

#[test]
fn an_application_that_nobody_has_is_a_mistake() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{APP}app = \"nosuch\"\n");
    std::fs::write(folder.path().join("copal.toml"), text).expect("the file");
    for (program, arguments) in [
        ("copal", ["check"].as_slice()),
        ("app-tier", &["check"]),
        ("app-tier", &["--server", "app-a"]),
    ] {
        let said = run(folder.path(), program, arguments);
        assert_eq!(said.code, Some(2), "{program}: {said:?}");
        for word in ["unknown-app", "nosuch", "demo", "copal.toml:7:7"] {
            assert!(said.errors.contains(word), "{program}: {word}: {said:?}");
        }
    }
}

#[test]
fn a_folder_of_files_that_is_not_here_is_a_warning() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!("{APP}root = \"copal.toml\"\n");
    std::fs::write(folder.path().join("copal.toml"), text).expect("the file");
    for program in ["copal", "app-tier"] {
        let said = run(folder.path(), program, &["check"]);
        assert_eq!(said.code, Some(0), "{program}: {said:?}");
        assert!(said.errors.contains("missing-root"), "{program}: {said:?}");
    }
}

#[test]
fn an_admin_listener_for_other_hosts_needs_a_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = APP.replace("[[cluster.app-tier.web-app]]", "");
    let admin = |token: &str| {
        format!(
            "secret = \"a secret of the test\"\n{server}admin = {{ address = \"::\", port = 9000{token} }}\n"
        )
    };
    for (text, code) in [(admin(""), Some(2)), (admin(", token = \"0123456789abcdef\""), Some(0))] {
        std::fs::write(folder.path().join("copal.toml"), &text).expect("the file");
        for program in ["copal", "app-tier"] {
            let said = run(folder.path(), program, &["check"]);
            assert_eq!(said.code, code, "{program}: {said:?}");
            assert_eq!(said.errors.contains("missing-token"), code == Some(2), "{said:?}");
            assert_eq!(said.output.contains("admin [::]:9000"), code == Some(0), "{said:?}");
            assert!(!said.output.contains("0123456789abcdef"), "{said:?}");
        }
    }
}

#[test]
fn no_program_prints_a_secret_that_stands_in_the_wrong_place() {
    let folder = tempfile::tempdir().expect("a folder");
    for text in [
        "secret = '''\nsupersecret\n",
        "secret = { value = \"supersecret\" }\n",
        "[cluster.app-tier.server-default]\nadmin = { token = \"supersecret\" }\n",
        "[cluster.app-tier.server-default]\ntoken = \"supersecret\"\n",
    ] {
        std::fs::write(folder.path().join("copal.toml"), text).expect("the file");
        for (program, arguments) in [
            ("copal", ["check"].as_slice()),
            ("copal", &["check", "--json"]),
            ("web-tier", &["check"]),
        ] {
            let said = run(folder.path(), program, arguments);
            assert_eq!(said.code, Some(2), "{program}: {said:?}");
            let all = format!("{}{}", said.output, said.errors);
            assert!(!all.contains("supersecret"), "{program}:\n{all}");
        }
    }
}
