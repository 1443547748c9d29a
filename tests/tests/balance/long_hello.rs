//! Whatever listens at a server's port answers the hello without end.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use copal_testkit::raw::get;

use crate::farm;

/// What one connection would send in all, in bytes.
const OFFERED: usize = 256 << 20;
/// More than this is held by nobody who looks at what he is offered.
const MOST: u64 = 64 << 20;

/// How much was sent so far on all connections, and how many of them have ended.
#[derive(Default)]
struct Flood {
    sent: AtomicUsize,
    ended: AtomicUsize,
}

/// The port of a server that floods everybody who says hello.
fn flood(flood: &Arc<Flood>) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let flood = Arc::clone(flood);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let flood = Arc::clone(&flood);
            std::thread::spawn(move || {
                pour(stream, &flood.sent);
                flood.ended.fetch_add(1, Ordering::SeqCst);
            });
        }
    });
    port
}

fn pour(mut stream: TcpStream, sent: &AtomicUsize) {
    let mut hello = [0; 1024];
    if !matches!(stream.read(&mut hello), Ok(1..)) {
        return;
    }
    let hex = "0".repeat(64);
    let head = format!(
        "HTTP/1.1 200 OK\r\nCopal-Nonce: {hex}\r\nCopal-Proof: {hex}\r\n\
         Content-Length: 9000000000000\r\n\r\n"
    );
    let mut sending = stream.write_all(head.as_bytes());
    let piece = vec![b'x'; 64 << 10];
    for _ in 0..OFFERED / piece.len() {
        if sending.is_err() {
            return;
        }
        sending = stream.write_all(&piece);
        sent.fetch_add(piece.len(), Ordering::SeqCst);
    }
}

/// The most memory that a process has had, in bytes.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes << 10
}

#[test]
fn a_hello_without_end_is_not_kept_in_memory() {
    let seen = Arc::new(Flood::default());
    let port = flood(&seen);
    let recipe = farm::ours(&[(port, "")]).replaced(
        "\n[[cluster.web-tier.server]]",
        "secret = \"a key of thirty-two bytes or so\"\n\n[[cluster.web-tier.server]]",
    );
    let cluster = farm::start(recipe);
    for _ in 0..8 {
        assert_eq!(get(cluster.port(8080), "/").status, 503);
    }
    let web = cluster.server("web-a");
    web.wait_until(|| seen.ended.load(Ordering::SeqCst) >= 8).expect("an end of all connections");
    let (peak, sent) = (peak(web.id()), seen.sent.load(Ordering::SeqCst));
    assert!(peak < MOST, "{peak} bytes of memory; {sent} bytes were sent");
    assert!(sent < OFFERED, "{sent} bytes were taken");
}
