//! What hangs holds up nobody, and never the end.

use std::io::{BufReader, Write as _};
use std::sync::mpsc;

use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::oneshot;

use super::place::{PATIENCE, Place, line, next_answer, status_of};
use crate::control::test_desk::TestDesk;
use crate::control::{Plan, run};
use crate::drain::Drain;

#[test]
fn a_reload_that_hangs_holds_nobody_up() {
    let place = Place::new();
    let (word, until) = oneshot::channel();
    let events = place.sender.clone();
    let plan = Plan { socket: place.socket(), admin: None, drain: Drain::default() };
    let _control = run(plan, move || TestDesk::slow(events, until)).unwrap();
    let mut first = place.connect();
    first.write_all(line("POST /reload").as_bytes()).unwrap();
    assert_eq!(place.events.recv_timeout(PATIENCE), Ok("reload"));
    assert_eq!(status_of(&place.ask(&line("GET /status"))), 200);
    let second = place.ask(&line("POST /reload"));
    assert_eq!(status_of(&second), 409, "{second}");
    assert!(second.contains("is being read already"), "{second}");
    // A signal waits for its turn, and is not lost.
    kill_process(getpid(), Signal::HUP).unwrap();
    assert_eq!(status_of(&place.ask(&line("GET /health"))), 200);
    assert!(place.events.try_recv().is_err(), "one at a time");
    word.send(()).unwrap();
    assert_eq!(status_of(&next_answer(&mut BufReader::new(first))), 422);
    assert_eq!(place.events.recv_timeout(PATIENCE), Ok("reload"));
}

#[test]
fn a_disk_that_never_answers_does_not_keep_the_thread() {
    let place = Place::new();
    let events = place.sender.clone();
    let (word, never) = mpsc::channel::<()>();
    let plan = Plan { socket: place.socket(), admin: None, drain: Drain::default() };
    let make = move || {
        let told = events.clone();
        tokio::task::spawn_blocking(move || {
            told.send("waits").unwrap();
            never.recv()
        });
        TestDesk::new(events)
    };
    let control = run(plan, make).unwrap();
    assert_eq!(place.events.recv_timeout(PATIENCE), Ok("waits"));
    assert!(control.end());
    assert!(!place.socket().exists(), "the thread has ended, and was not left behind");
    drop(word);
}

#[test]
fn a_thread_that_hangs_is_left_behind() {
    let place = Place::new();
    let events = place.sender.clone();
    let (word, never) = mpsc::channel::<()>();
    let plan = Plan { socket: place.socket(), admin: None, drain: Drain::default() };
    let make = move || {
        let told = events.clone();
        tokio::task::spawn_local(async move {
            told.send("hangs").unwrap();
            never.recv()
        });
        TestDesk::new(events)
    };
    let control = run(plan, make).unwrap();
    assert_eq!(place.events.recv_timeout(PATIENCE), Ok("hangs"));
    assert!(control.end());
    assert!(place.socket().exists());
    drop(word);
}
