//! A client that takes longer for its body than a server may be silent.

use std::time::Duration;

use copal_testkit::cluster::Cluster;
use copal_testkit::deadline::Deadline;
use copal_testkit::gate::Gate;
use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, get};
use copal_testkit::recipe::Recipe;
use copal_testkit::step::Step;

use crate::start;

/// A second server, whose silence is noticed soon: asking it takes as long as a pause.
const PACER: &str = r#"
load-balance-socket-timeout = "1s"

[cluster.pacer]
protocol = "http"
server = [{ id = "pacer-a", port = 9002, load-balance-socket-timeout = "200ms" }]
"#;

const RULE: &str = "regexp = '^/pause'\nload-balance = \"pacer\"\n";

#[test]
fn a_server_may_be_silent_while_the_client_uploads() {
    let (slow, gate) = (Origin::answering("got it"), Gate::new());
    let silent = Origin::start({
        let gate = gate.clone();
        move |_| vec![Step::Wait(gate.clone())]
    });
    let all = "[[cluster.web-tier.rewrite-dispatch]]\n";
    let recipe = Recipe::text(&format!("{}{PACER}", start::text()));
    let recipe = recipe.replaced(all, &format!("{all}{RULE}\n{all}"));
    let recipe = recipe.with_port(9001, slow.port()).with_port(9002, silent.port());
    let cluster = Cluster::start(recipe);
    let port = cluster.port(8080);
    let mut client = Raw::connect(port);
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    // More than twice the time for which the server may be silent without an upload.
    let end = Deadline::after(Duration::from_millis(2500));
    let mut count = 0;
    while !end.has_passed() {
        count += 1;
        let piece = format!("<{count}>");
        client.send(format!("{:x}\r\n{piece}\r\n", piece.len()));
        slow.wait_bytes(&piece);
        let pause = get(port, "/pause");
        assert_eq!(pause.status, 504, "{pause:?}");
    }
    client.send("0\r\n\r\n");
    let response = client.response().expect("an answer");
    gate.open();
    assert_eq!((response.status, response.text().as_str()), (200, "got it"), "{response:?}");
}
