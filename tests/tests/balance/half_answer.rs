//! Something of an answer came: from then on no other server is asked.

use copal_testkit::origin::Origin;
use copal_testkit::raw::Trouble;
use copal_testkit::step::Step;

use crate::farm::{self, BOUND, request};

fn start(bytes: &'static str) -> (Origin, Origin, copal_testkit::cluster::Cluster) {
    let a = Origin::start(move |_| vec![Step::Send(bytes.into()), Step::Close]);
    let b = Origin::answering("b");
    let cluster = farm::start(farm::foreign("", &[(a.port(), ""), (b.port(), "")]));
    (a, b, cluster)
}

#[test]
fn half_a_head_is_a_bad_gateway() {
    for bytes in ["H", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"] {
        let (a, b, cluster) = start(bytes);
        let mut client = farm::asking(&cluster, &request("GET", &format!("/{BOUND}"), ""));
        let answer = client.response().expect("an answer");
        assert_eq!(answer.status, 502, "{bytes:?}: {answer:?}");
        assert_eq!((a.calls().len(), b.calls().len()), (1, 0), "{bytes:?}");
        assert_eq!(cluster.desk("web-a").server("a").failures, 1, "{bytes:?}");
    }
}

#[test]
fn half_a_body_is_half_a_body() {
    for bytes in [
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 503 No\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let (a, b, cluster) = start(bytes);
        // Of those two that may be sent again, a 503 is; so this one is not asked again.
        let method = if bytes.contains("503") { "POST" } else { "GET" };
        let mut client = farm::asking(&cluster, &request(method, &format!("/{BOUND}"), ""));
        let answer = client.response();
        assert!(matches!(answer, Err(Trouble::CutOff(_))), "{bytes:?}: {answer:?}");
        assert_eq!((a.calls().len(), b.calls().len()), (1, 0), "{bytes:?}");
        assert_eq!(cluster.desk("web-a").server("a").failures, 1, "{bytes:?}");
    }
}
