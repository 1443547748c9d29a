//! The file names a secret on a disk that does not answer.

use std::fs::OpenOptions;
use std::process::Command;

use copal_protocol::state::State;
use copal_testkit::cluster::Cluster;
use copal_testkit::raw::get;
use copal_testkit::recipe::Recipe;

const SECRET: &str = "a key of thirty-two bytes or so\n";

#[test]
fn a_reading_that_hangs_holds_nothing_else_up() {
    let secret = "secret = { file = \"secret\" }\n\n[[cluster.web-tier.server]]";
    let recipe = Recipe::example("one_balancer_two_backends")
        .replaced("[[cluster.web-tier.server]]", secret)
        .with_file("secret", SECRET.as_bytes());
    let path = recipe.folder().join("secret");
    let mut cluster = Cluster::start(recipe);
    std::fs::remove_file(&path).expect("no secret any more");
    let made = Command::new("mkfifo").args(["-m", "600"]).arg(&path).status();
    assert!(made.expect("mkfifo").success());
    for id in ["app-a", "web-a"] {
        cluster.server(id).hang_up();
        // It opens for writing when the server reads, which then waits for what never comes.
        let writer = OpenOptions::new().write(true).open(&path).expect("a reader");
        assert_eq!(cluster.desk(id).status().reloads, 0);
        assert_eq!(get(cluster.port(8080), "/echo").status, 200);
        // Health checks go on: by them this is heard.
        for (wish, state) in [("drain", State::Drain), ("enable", State::Ready)] {
            assert_eq!(cluster.desk("app-b").post(&format!("/servers/app-b/{wish}")).status, 200);
            cluster.wait_state("web-a", "app-b", state);
        }
        assert_eq!(cluster.stop(id).code(), Some(0), "{id}");
        drop(writer);
    }
}
