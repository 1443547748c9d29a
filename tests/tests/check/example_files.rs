//! Every example is a file that the programs accept.

use copal_testkit::recipe::examples;

use crate::said::run;

#[test]
fn every_example_is_accepted_by_all_three_programs() {
    let mut count = 0;
    for entry in std::fs::read_dir(examples()).expect("the examples") {
        let path = entry.expect("an example").path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        count += 1;
        let config = path.to_string_lossy().into_owned();
        for program in ["copal", "web-tier", "app-tier"] {
            let said = run(&examples(), program, &["check", "--config", &config]);
            assert_eq!(said.code, Some(0), "{program} {config}: {said:?}");
            assert!(!said.output.is_empty(), "{program} {config}: no summary");
        }
    }
    assert!(count >= 5, "only {count} examples");
}

#[test]
fn the_summary_names_the_servers() {
    let config = examples().join("three_servers.toml").to_string_lossy().into_owned();
    let said = run(&examples(), "copal", &["check", "--config", &config]);
    for name in ["web-tier", "web-a", "web-b", "app-tier", "app-a", "app-b", "app-c"] {
        assert!(said.output.contains(name), "{name}: {said:?}");
    }
}
