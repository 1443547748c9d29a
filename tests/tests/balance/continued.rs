//! `Expect: 100-continue` and a server that fails before the body was sent.

use copal_testkit::origin::Origin;
use copal_testkit::port::Port;
use copal_testkit::step::Step;

use crate::farm::{self, BOUND};

const EXPECT: &str = "Host: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";

#[test]
fn a_client_is_told_to_go_on_once_whoever_answers_at_last() {
    let (nobody, early) = (Port::take(), Origin::answering_early(|_| vec![Step::Reset]));
    for first in [nobody.number(), early.port()] {
        let b = Origin::answering("b");
        let cluster = farm::start(farm::foreign("", &[(first, ""), (b.port(), "")]));
        let mut client = farm::asking(&cluster, &format!("PUT /{BOUND} HTTP/1.1\r\n{EXPECT}"));
        let interim = client.any_response(false).expect("an interim answer");
        assert_eq!(interim.status, 100);
        client.send("body");
        let answer = client.response().expect("an answer");
        assert_eq!((answer.status, answer.text().as_str()), (200, "b"), "{answer:?}");
        assert_eq!(answer.interim, Vec::<u16>::new(), "told twice");
        assert_eq!(b.calls()[0].body, b"body");
    }
}
