//! Servers that know each other by certificates, on encrypted connections.

use std::io::Write as _;
use std::process::{Command, Stdio};

use copal_testkit::authority::Authority;
use copal_testkit::cluster::Cluster;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;
use copal_testkit::visitor::Visitor;
use copal_testkit::websocket::{Opcode, WebSocket};

use crate::crowd::{Crowd, User};
use crate::farm::{self, APPS};
use crate::seen::json;

const SECRET: &str = "secret = \"a secret of thirty-two characters\"";
const STORE: &str = "persistent-store = { type = \"cluster\" }";

const WARM: &str = "load-balance-warmup-time = \"0s\"";

/// The file of all tests here, with certificates in the place of the secret; and who signed them.
fn recipe() -> (Recipe, Authority) {
    let tls = "[tls.ring]\ncertificate = \"tls/${server}.pem\"\nkey = \"tls/${server}.key\"\n\
               client-ca = \"tls/ca.pem\"";
    let recipe = farm::recipe()
        .replaced(SECRET, tls)
        .replaced(STORE, &format!("{STORE}\ncluster-tls = \"ring\""))
        // Machines that test are slow, and why a server is down is said once.
        .replaced(WARM, &format!("{WARM}, health-check = {{ timeout = \"5s\" }}"));
    let authority = Authority::in_folder(recipe.folder());
    (recipe, authority)
}

fn start() -> (Cluster, Authority) {
    let (recipe, authority) = recipe();
    (farm::start_with(recipe), authority)
}

/// Connects to the cluster port of `app-a` with these arguments of `openssl s_client`.
fn knock(cluster: &Cluster, arguments: &[String]) {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-quiet", "-connect", &format!("127.0.0.1:{}", cluster.port(6800))]);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut client = command.spawn().expect("openssl");
    let mut input = client.stdin.take().expect("its input");
    // It may have been sent away already.
    let _ = input.write_all(b"GET /.copal/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    drop(input);
    let output = client.wait_with_output().expect("its end");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("HTTP/1.1"), "it was let in: {said}");
}

fn shows(authority: &Authority, name: &str) -> Vec<String> {
    let path = |file: String| authority.path(&file).display().to_string();
    [
        "-cert".to_owned(),
        path(format!("{name}.pem")),
        "-key".to_owned(),
        path(format!("{name}.key")),
    ]
    .into()
}

#[test]
fn nobody_notices_that_servers_are_killed_one_after_the_other() {
    let (mut cluster, _authority) = start();
    let wrong = Crowd::while_it(&mut cluster, |cluster, crowd| {
        for app in APPS {
            farm::are_whole(cluster, &APPS);
            cluster.kill(app);
            crowd.meanwhile(cluster);
            cluster.start_server(app);
            farm::is_ready(cluster, app);
            crowd.meanwhile(cluster);
        }
    });
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn sessions_outlive_a_server_that_stops() {
    let (mut cluster, _authority) = start();
    let mut user = User::new(farm::door(&cluster, "app-a"));
    assert_eq!(cluster.stop("app-a").code(), Some(0));
    for app in ["app-b", "app-c"] {
        user.visitor.go_to(farm::door(&cluster, app));
        user.visit().unwrap();
    }
    assert_eq!(user.count, 3);
}

#[test]
fn large_bodies_go_through_whole_in_both_directions() {
    let (cluster, _authority) = start();
    let mut visitor = Visitor::new(cluster.port(8080));
    let answer = visitor.get("/bytes/5000000");
    assert_eq!((answer.status, answer.body.len()), (200, 5_000_000));
    let body: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let answer = visitor.send("POST", "/echo", &[], &body);
    assert_eq!(json(&answer)["body_bytes"], 3_000_000, "{answer:?}");
    let mut socket = WebSocket::open(cluster.port(8080), "/websocket", "");
    for text in ["one", "two"] {
        socket.send(Opcode::Text, text.as_bytes());
        let (_, back) = socket.receive().expect("a message");
        assert_eq!(back, text.as_bytes());
    }
}

#[test]
fn whoever_is_no_server_of_the_file_is_sent_away_and_the_log_says_why() {
    let (cluster, authority) = start();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let stranger = Authority::in_folder(elsewhere.path());
    authority.sign("old", "DNS:app-b", -1);
    authority.sign("other", "DNS:app-z,IP:10.9.9.9", 9);
    authority.sign_for("half", "DNS:app-b", 9, "serverAuth");
    let refused = |why: &str| {
        let line = cluster.server("app-a").wait_for_log(why);
        assert!(line.contains("refused a connection to the cluster port"), "{line}");
    };
    let mut plain = Raw::connect(cluster.port(6800));
    plain.send("GET /.copal/ready HTTP/1.1\r\nHost: a\r\n\r\n");
    refused("it does not speak TLS");
    let answer = plain.read_until_close().unwrap_or_default();
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    knock(&cluster, &[]);
    refused("it shows no certificate");
    knock(&cluster, &shows(&stranger, "app-b"));
    refused("was not issued by an authority of our `client-ca`");
    knock(&cluster, &shows(&authority, "old"));
    refused("has expired");
    knock(&cluster, &shows(&authority, "other"));
    refused("app-z");
    knock(&cluster, &shows(&authority, "half"));
    refused("extendedKeyUsage must have");
    // And nothing of that did any harm.
    User::new(cluster.port(8080));
}

#[test]
fn a_server_with_the_certificate_of_another_one_is_not_called() {
    let (recipe, authority) = recipe();
    for end in ["pem", "key"] {
        let copied = std::fs::copy(
            authority.path(&format!("app-b.{end}")),
            authority.path(&format!("app-c.{end}")),
        );
        copied.expect("a copy");
    }
    let cluster = Cluster::start(recipe);
    for server in ["app-a", "web-a"] {
        let line = cluster.server(server).wait_for_log("neither the id nor the address");
        assert!(line.contains("app-b"), "{line}");
        assert!(line.contains("app-c"), "{line}");
    }
}

#[test]
fn a_web_tier_server_whose_certificate_nobody_takes_says_so() {
    let (recipe, authority) = recipe();
    authority.sign("web-a", "DNS:web-z", 9);
    let cluster = Cluster::start(recipe);
    let line = cluster.server("web-a").wait_for_log("our certificate does not name a server");
    assert!(line.contains("server is down"), "{line}");
    let answer = Visitor::new(cluster.port(8080)).get("/counter");
    assert_eq!(answer.status / 100, 5, "{answer:?}");
}

#[test]
fn certificates_are_read_again_and_bad_ones_change_nothing() {
    let (mut cluster, authority) = start();
    let good = std::fs::read(authority.path("app-a.pem")).expect("a certificate");
    let mut user = User::new(cluster.port(8080));
    // Half written, or of another key.
    authority.sign("another", "DNS:app-a", 9);
    let of_another = std::fs::read(authority.path("another.pem")).expect("a certificate");
    for (bad, why) in
        [(&b"nothing"[..], "it has no certificate"), (&of_another, "does not go with")]
    {
        std::fs::write(authority.path("app-a.pem"), bad).expect("a file");
        let answer = cluster.desk("app-a").post("/reload");
        assert!(answer.text().contains(why), "{answer:?}");
        let status = cluster.desk("app-a").status();
        let error = status.reload_error.expect("an error");
        assert!(error.contains("[tls.ring]") && error.contains("tls/app-a."), "{error}");
        user.visit().unwrap();
    }
    // A server that is started anew meets the last good one.
    cluster.kill("app-b");
    cluster.start_server("app-b");
    farm::is_ready(&cluster, "app-b");
    farm::are_whole(&cluster, &APPS);
    // A new one is used by connections that come later.
    std::fs::write(authority.path("app-a.pem"), good).expect("a file");
    authority.sign("app-a", "DNS:app-a,DNS:renewed", 9);
    cluster.desk("app-a").reload();
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &format!("127.0.0.1:{}", cluster.port(6800))]);
    command.stdin(Stdio::null());
    let shown = command.output().expect("openssl");
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    let now = std::fs::read_to_string(authority.path("app-a.pem")).expect("a certificate");
    let body = now.lines().nth(3).expect("some lines");
    assert!(text.contains(body), "{text}");
    user.visit().unwrap();
    for app in APPS {
        cluster.desk(app).reload();
    }
    user.visit().unwrap();
    farm::are_whole(&cluster, &APPS);
}
