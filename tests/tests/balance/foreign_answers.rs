//! Answers of a server that is not ours: upgrades, and what comes before the final one.

use copal_protocol::state::State;
use copal_testkit::origin::Origin;
use copal_testkit::raw::ask;
use copal_testkit::step::Step;

use crate::farm::{self, request, send_bound};

#[test]
fn bad_answers_between_good_upgrades_do_not_add_up() {
    let a = Origin::start(|call| match call.values("upgrade").is_empty() {
        true => vec![Step::Close],
        false => vec![
            Step::Send(
                b"HTTP/1.1 101 Now\r\nConnection: upgrade\r\nUpgrade: words\r\n\r\n".to_vec(),
            ),
            Step::Close,
        ],
    });
    let b = Origin::answering("b");
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    let upgrade = "GET /;jsessionid=abc HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n\
        Upgrade: words\r\n\r\n";
    for round in 1..=6 {
        assert_eq!(send_bound(&cluster, "POST", "x").status, 502, "{round}");
        let seen = cluster.desk("web-a").server("a");
        assert_eq!((seen.state, seen.failures), (State::Ready, round), "{seen:?}");
        assert_eq!(ask(cluster.port(8080), upgrade).status, 101, "{round}");
    }
    // Without one between them they do.
    for _ in 0..3 {
        assert_eq!(send_bound(&cluster, "POST", "x").status, 502);
    }
    assert_eq!(cluster.desk("web-a").server("a").state, State::Down);
}

#[test]
fn a_503_after_an_early_hint_is_passed_on() {
    let a = Origin::start(|_| {
        let hint = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
        let answer = "HTTP/1.1 503 No\r\nContent-Length: 1\r\n\r\na";
        vec![Step::Send(format!("{hint}{answer}").into())]
    });
    let b = Origin::answering("b");
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    let mut client = farm::asking(&cluster, &request("GET", "/;jsessionid=abc", ""));
    let answer = client.response().expect("an answer");
    assert_eq!((answer.status, answer.text().as_str()), (503, "a"), "{answer:?}");
    assert_eq!((answer.interim.as_slice(), b.calls().len()), (&[103][..], 0));
}
