//! A fault in the ring ends the process.

#![expect(clippy::disallowed_methods, reason = "a process that should end by itself")]

use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::rig::{PATIENCE, elsewhere, engine, key, plan};
use crate::ring::runner::Ring;

/// Set where the test runs again in a process of its own, which is to end.
const CHILD: &str = "COPAL_TEST_ENDS";
const SIGABRT: i32 = 6;

/// Runs a test in a process of its own, and sees that it ends like that.
fn ends(test: &str) {
    let name = format!("ring::tests::panics::{test}");
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--exact", &name, "--nocapture"]).env(CHILD, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.signal(), Some(SIGABRT), "{said}");
    assert!(said.contains("planted"), "{said}");
}

#[test]
fn a_task_that_panics_ends_the_process() {
    if std::env::var_os(CHILD).is_none() {
        return ends("a_task_that_panics_ends_the_process");
    }
    let wished = Arc::new(|| panic!("planted"));
    let _ring = Ring::start(crate::ring::plan::RingPlan { wished, ..plan('a', "") }).unwrap();
    std::thread::sleep(PATIENCE);
}

#[test]
fn sessions_that_are_half_changed_are_not_used() {
    if std::env::var_os(CHILD).is_none() {
        return ends("sessions_that_are_half_changed_are_not_used");
    }
    let engine = engine("");
    let half = elsewhere({
        let engine = Arc::clone(&engine);
        move || engine.with(key(), |_, _| panic!("planted"))
    });
    assert!(half.recv_timeout(Duration::from_secs(1)).is_err(), "it has panicked");
    engine.with(key(), |_, _| ());
}
