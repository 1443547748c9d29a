//! SIGTERM: the doors close, what runs is finished, the process ends well.
#![cfg(test)]

use std::process::Command;
use std::time::Duration;

use copal_testkit::binary;
use copal_testkit::cluster::Cluster;
use copal_testkit::deadline::Deadline;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::process::Process;
use copal_testkit::raw::{Raw, Trouble};
use copal_testkit::recipe::{BALANCER, Recipe};
use copal_testkit::step::{Step, ok};

fn gated() -> (Gate, Origin) {
    let gate = Gate::new();
    let origin = Origin::start({
        let gate = gate.clone();
        move |call| match call.request_line() {
            "GET /slow HTTP/1.1" => vec![Step::Wait(gate.clone()), Step::Send(ok("finished"))],
            _ => vec![Step::Send(ok("quick"))],
        }
    });
    (gate, origin)
}

fn balancer(origin: &Origin, drain_time: &str) -> Cluster {
    let text = format!("limits = {{ drain-time = {drain_time:?} }}\n{BALANCER}");
    Cluster::start(Recipe::text(&text).with_port(9001, origin.port()))
}

/// A client that waits for the answer of a request that runs.
fn running(port: u16, path: &str) -> Raw {
    let mut client = Raw::connect(port);
    client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    client
}

/// A client whose connection is idle after one answer.
fn idle(port: u16, path: &str) -> Raw {
    let mut client = running(port, path);
    assert_eq!(client.response().map(|response| response.status), Ok(200));
    client
}

/// Waits until nobody listens any more.
fn wait_until_deaf(port: u16) {
    let deadline = Deadline::after(Duration::from_secs(20));
    deadline.keep_asking("the listener closes", || Raw::try_connect(port).is_err());
}

#[test]
fn a_web_server_finishes_what_runs_and_ends_well() {
    let (gate, origin) = gated();
    let mut cluster = balancer(&origin, "30s");
    let port = cluster.port(8080);
    let mut runs = running(port, "/slow");
    let mut rests = idle(port, "/quick");
    gate.wait_reached(1);
    let mut server = cluster.take("web-a");
    server.terminate();
    assert_eq!(rests.closed(), Ok(()));
    wait_until_deaf(port);
    assert!(!server.has_exited());
    gate.open();
    let response = runs.response().expect("the answer of what ran");
    assert_eq!((response.status, response.text().as_str()), (200, "finished"));
    assert!(response.says_close(), "{response:?}");
    assert_eq!(runs.closed(), Ok(()));
    assert_eq!(server.wait_for_exit().code(), Some(0));
}

#[test]
fn a_web_server_that_has_nothing_to_do_ends_at_once() {
    let (_gate, origin) = gated();
    let mut cluster = balancer(&origin, "30s");
    let mut rests = idle(cluster.port(8080), "/quick");
    let mut says_nothing = Raw::connect(cluster.port(8080));
    assert_eq!(cluster.stop("web-a").code(), Some(0));
    assert_eq!((rests.closed(), says_nothing.closed()), (Ok(()), Ok(())));
}

/// The server must end although a request runs that nobody ever answers.
fn ends_although_a_request_runs(drain_time: &str, hurry: fn(&Process)) {
    let (gate, origin) = gated();
    let mut cluster = balancer(&origin, drain_time);
    let mut runs = running(cluster.port(8080), "/slow");
    gate.wait_reached(1);
    let mut server = cluster.take("web-a");
    server.terminate();
    wait_until_deaf(cluster.port(8080));
    hurry(&server);
    server.wait_for_exit();
    assert!(matches!(runs.response(), Err(Trouble::Closed | Trouble::CutOff(_))));
    gate.open();
}

#[test]
fn a_second_sigterm_ends_it_at_once() {
    // Far longer than the test waits.
    ends_although_a_request_runs("10m", |server| server.terminate());
}

#[test]
fn the_end_of_drain_time_ends_it() {
    ends_although_a_request_runs("300ms", |_| {});
}

#[test]
fn a_server_whose_log_nobody_reads_serves_and_stops_all_the_same() {
    let (_gate, origin) = gated();
    let cluster = Cluster::prepare(Recipe::text(BALANCER).with_port(9001, origin.port()));
    let mut command = Command::new("bash");
    // What reads standard error ends at once, as a pager does that was closed.
    command.args(["-c", "exec \"$0\" \"$@\" 2> >(:)"]).arg(binary::path("web-tier"));
    command.arg("--config").arg(cluster.config()).args(["--server", "web-a"]);
    let mut server = Process::start_command("web-a", &mut command);
    let port = cluster.port(8080);
    assert_eq!(server.wait_until(|| Raw::try_connect(port).is_ok()), Ok(()));
    drop(idle(port, "/quick"));
    assert_eq!(server.stop().code(), Some(0));
}

const APP: &str = r#"
[limits]
drain-time = "30s"

[[cluster.app-tier.server]]
id = "app-a"
port = 6800
http = [{ address = "127.0.0.1", port = 8090 }]

[[cluster.app-tier.web-app]]
app = "demo"
"#;

#[test]
fn an_app_server_finishes_what_runs_and_ends_well() {
    let mut cluster = Cluster::start(Recipe::text(APP));
    let port = cluster.port(8090);
    let mut rests = idle(port, "/echo");
    // The body is not there yet: the request runs as long as the test likes.
    let mut runs = Raw::connect(port);
    let head =
        "POST /echo/slow HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
    runs.send(head);
    assert_eq!(runs.any_response(false).map(|response| response.status), Ok(100));
    let mut server = cluster.take("app-a");
    server.terminate();
    assert_eq!(rests.closed(), Ok(()));
    wait_until_deaf(port);
    assert!(!server.has_exited());
    runs.send("body");
    let response = runs.response().expect("the answer of what ran");
    assert_eq!(response.status, 200);
    assert!(response.says_close(), "{response:?}");
    assert_eq!(runs.closed(), Ok(()));
    assert_eq!(server.wait_for_exit().code(), Some(0));
}

#[test]
fn an_app_server_gives_up_when_drain_time_ends() {
    let mut cluster = Cluster::start(Recipe::text(&APP.replace("\"30s\"", "\"300ms\"")));
    let mut runs = running(cluster.port(8090), "/sleep/600000");
    let mut server = cluster.take("app-a");
    server.terminate();
    server.wait_for_exit();
    assert!(matches!(runs.response(), Err(Trouble::Closed | Trouble::CutOff(_))));
}
