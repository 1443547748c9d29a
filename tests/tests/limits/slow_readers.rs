//! `send-timeout`: how long a client may take for the next bytes of its answer.

use std::time::Duration;

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::raw::Raw;
use copal_testkit::step::Step;

use crate::doors;

/// More than all queues between a server and a client hold.
const LENGTH: usize = 96 << 20;
/// One chunk of the answer that comes in chunks.
const CHUNK: usize = 64 << 10;
/// What a slow client takes at a time: little of what the kernel would keep for it.
const STEP: usize = 64 << 10;

/// A large answer in chunks.
fn chunked() -> Origin {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = format!("{CHUNK:x}\r\n{}\r\n", "x".repeat(CHUNK));
    let steps = vec![
        Step::Send(head.into()),
        Step::Repeat(chunk.into_bytes(), LENGTH / CHUNK),
        Step::Send(b"0\r\n\r\n".to_vec()),
    ];
    Origin::start(move |_| steps.clone())
}

/// Starts both doors; each lets in one client at a time.
fn start(chunked: &Origin) -> Cluster {
    let limits = "send-timeout = \"1s\"\nmax-connections = 1";
    let all = "[[cluster.web-tier.rewrite-dispatch]]\nload-balance = \"app-tier\"";
    let rule =
        "[[cluster.web-tier.rewrite-dispatch]]\nregexp = '^/chunked'\nload-balance = \"chunked\"";
    let app = "[[cluster.app-tier.web-app]]";
    let cluster = "[cluster.chunked]\nprotocol = \"http\"\nserver = [{ id = \"c\", port = 9001 }]";
    let recipe = doors::both(limits).with_file("files/large.bin", &vec![b'x'; LENGTH]);
    let recipe = recipe.replaced(all, &format!("{rule}\n\n{all}"));
    let recipe = recipe.replaced(app, &format!("{cluster}\n\n{app}"));
    Cluster::start(recipe.with_port(9001, chunked.port()))
}

/// Every way in which a large answer goes out: the door, another one, and the path.
fn ways() -> [(u16, u16, String); 4] {
    let bytes = format!("/bytes/{LENGTH}");
    [
        (8080, 8090, bytes.clone()),
        (8090, 8080, bytes),
        (8080, 8090, "/chunked".to_owned()),
        (8080, 8090, "/files/large.bin".to_owned()),
    ]
}

fn ask(port: u16, path: &str) -> Raw {
    let mut client = Raw::connect(port);
    client.send(request(path));
    client
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
}

#[test]
fn a_client_that_takes_nothing_is_cut_and_makes_room() {
    let chunked = chunked();
    let cluster = start(&chunked);
    for (written, _, path) in ways() {
        let port = cluster.port(written);
        let mut asleep = ask(port, &path);
        assert_eq!(asleep.read_some(1), Ok(b"H".to_vec()), "{written}{path}");
        // The sleeper has the only place until it is cut.
        let mut next = ask(port, "/echo");
        let response = next.response().unwrap_or_else(|why| panic!("{written}{path}: {why}"));
        assert_eq!(response.status, 200, "{written}{path}");
        assert_eq!(next.closed(), Ok(()), "{written}{path}");
        let got = asleep.read_until_close().expect("an end");
        assert!(got.len() < LENGTH, "{written}{path}: {} bytes", got.len());
        assert!(asleep.was_reset(), "{written}{path}: half an answer ended well");
    }
}

#[test]
fn a_client_that_takes_some_all_the_time_gets_everything() {
    let chunked = chunked();
    let cluster = start(&chunked);
    for (written, other, path) in ways() {
        let mut client = Raw::connect_from_afar(cluster.port(written));
        client.send(request(&path));
        // Somebody who says nothing at the other door.
        let mut clock = Raw::connect(cluster.port(other));
        let mut got = 0;
        // Three times the limit in all.
        for _ in 0..15 {
            assert!(clock.is_silent_for(Duration::from_millis(200)));
            let some = client.read_exact(STEP);
            got += some.unwrap_or_else(|why| panic!("{written}{path}: {why}")).len();
        }
        let rest = client.read_until_close().expect("an end");
        assert!(got + rest.len() > LENGTH, "{written}{path}: {} bytes", got + rest.len());
    }
}
