//! `copal up`: a whole cluster by one command, from any folder.
#![cfg(test)]

use std::collections::BTreeSet;
use std::path::Path;

use copal_testkit::deadline::Deadline;
use copal_testkit::process::Process;
use copal_testkit::raw::{Raw, get};
use copal_testkit::visitor::Visitor;
use serde_json::Value;

/// Starts the demo in `folder` and returns it with the port of its web server.
fn start_demo(folder: &Path) -> (Process, u16) {
    let process = Process::start("copal", "copal", &["up", "--demo"], folder).ending_gently();
    let line = process.wait_for_output("web-a  http://127.0.0.1:");
    let port = line.rsplit(':').next().and_then(|rest| rest.trim_end_matches('/').parse().ok());
    // The last line of what it says once all servers listen.
    let _ = process.wait_for_output("Ctrl-C");
    (process, port.unwrap_or_else(|| panic!("no port in {line:?}")))
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|why| panic!("{why}: {body:?}"))
}

// One test for all: two demos that start at the same moment would take each other's ports.
#[test]
fn the_demo_runs_from_any_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut first, port) = start_demo(folder.path());
    assert!(folder.path().join("copal-demo").is_dir());
    it_works(port);
    a_second_demo_moves_on(port);
    first.interrupt();
    assert_eq!(first.wait_for_exit().code(), Some(0));
    assert!(Raw::try_connect(port).is_err(), "the web server goes on without its parent");
    what_was_edited_stays(folder.path());
}

fn it_works(port: u16) {
    let servers: BTreeSet<String> =
        (0..3).map(|_| json(&get(port, "/echo").body)["server"].to_string()).collect();
    assert_eq!(servers.len(), 3, "{servers:?}");
    let mut visitor = Visitor::new(port);
    for count in 1..4 {
        assert_eq!(json(&visitor.get("/counter").body)["count"], count);
    }
}

fn a_second_demo_moves_on(first: u16) {
    let folder = tempfile::tempdir().expect("a folder");
    let (process, second) = start_demo(folder.path());
    assert_ne!(first, second);
    assert!(process.log().contains("taken"), "{}", process.log());
    it_works(second);
    it_works(first);
}

fn what_was_edited_stays(folder: &Path) {
    let path = folder.join("copal-demo/copal.toml");
    let edited = std::fs::read_to_string(&path).expect("the file of the demo") + "\n# mine\n";
    std::fs::write(&path, &edited).expect("the file of the demo");
    let (mut process, port) = start_demo(folder);
    it_works(port);
    process.terminate();
    assert_eq!(process.wait_for_exit().code(), Some(0));
    assert_eq!(std::fs::read_to_string(&path).expect("the file of the demo"), edited);
    servers_end_with_a_parent_that_is_killed(folder);
}

fn servers_end_with_a_parent_that_is_killed(folder: &Path) {
    let (mut process, port) = start_demo(folder);
    let mut idle = Raw::connect(port);
    idle.send("GET /counter HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(idle.response().expect("an answer").status, 200);
    process.kill();
    idle.closed().expect("the end of the web server");
    let gone = || Raw::try_connect(port).is_err();
    Deadline::after(Process::PATIENCE).keep_asking("the web server ends with its parent", gone);
}

#[test]
fn a_file_where_the_folder_of_the_demo_belongs_is_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("copal-demo"), "mine").expect("a file");
    let output = copal_testkit::binary::run_in(folder.path(), "copal", &["up", "--demo"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("copal-demo here is not a folder"), "{errors}");
    assert_eq!(std::fs::read(folder.path().join("copal-demo")).expect("the file"), b"mine");
}
