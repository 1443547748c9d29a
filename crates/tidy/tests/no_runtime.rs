//! The pure crates have no runtime, not even through a crate of somebody else's.

use std::process::Command;

/// What brings sockets, timers or threads with it.
const RUNTIMES: [&str; 7] =
    ["tokio ", "mio ", "hyper ", "async-std ", "smol ", "socket2 ", "getrandom "];

#[test]
fn what_the_pure_crates_build_with_has_no_runtime() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for name in ["copal-protocol", "copal-config", "copal-http1", "copal-route"] {
        let output = Command::new(&cargo)
            .args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--package", name])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .expect("cargo runs");
        let tree = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && tree.starts_with(name), "{output:?}");
        for runtime in RUNTIMES {
            let found = tree.lines().find(|line| line.starts_with(runtime));
            assert_eq!(found, None, "{name} builds with a runtime:\n{tree}");
        }
    }
}
