//! `header-timeout`: how long a head may take from its first byte to its last.

use std::time::Duration;

use crate::doors::{self, elder_and_younger};
use crate::drip::Drip;

const LIMITS: &str = "header-timeout = \"2s\"";
const HALF: Duration = Duration::from_secs(1);

#[test]
fn a_head_may_take_as_long_as_the_limit_and_not_longer() {
    doors::each(LIMITS, |door| {
        let begin = || {
            let mut client = door.client();
            client.send("GET /echo HTTP/1.1\r\nHo");
            client
        };
        let (mut elder, mut younger) = elder_and_younger(begin, HALF);
        door.expect("a head that stopped", &mut elder, 408);
        younger.send("st: a\r\n\r\n");
        door.expect("a head in time", &mut younger, 200);
    });
}

#[test]
fn row_55_a_head_in_drops_is_over_at_its_deadline_all_the_same() {
    doors::each(LIMITS, |door| {
        let mut client = door.client();
        client.send("GET /echo HTTP/1.1\r\nHost: a\r\nX: ");
        let mut drip = Drip::new(10);
        assert!(!drip.send(&mut client, "x", Duration::from_secs(20)), "{}", door.name);
        assert!(drip.sent() > 1, "{}: it was silent, and not slow", door.name);
        door.expect("a head in drops", &mut client, 408);
    });
}

#[test]
fn the_second_head_of_a_connection_has_the_same_time() {
    doors::each(LIMITS, |door| {
        let mut client = door.client();
        client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
        door.expect("the first", &mut client, 200);
        // The wait for its first byte does not count: half the time, and then half of it again.
        assert!(client.is_silent_for(HALF), "{}", door.name);
        client.send("GET /echo HTTP/1.1\r\n");
        assert!(client.is_silent_for(HALF), "{}", door.name);
        client.send("Host: a\r\n\r\nGET /echo HTTP/1.1\r\n");
        door.expect("the second", &mut client, 200);
        door.expect("the third, which stops", &mut client, 408);
    });
}
