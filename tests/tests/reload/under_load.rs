//! A hundred reloads while clients keep asking: no request fails.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::{Raw, Trouble};
use copal_testkit::recipe::Recipe;
use copal_testkit::response::Response;
use copal_testkit::visitor::Visitor;

use crate::seen::json;

const RELOADS: usize = 100;

/// What the clients do until it is over, and what went wrong.
struct Load {
    port: u16,
    over: AtomicBool,
    answered: AtomicUsize,
}

impl Load {
    fn goes_on(&self) -> bool {
        !self.over.load(Ordering::SeqCst)
    }

    fn count(&self, answer: Result<Response, Trouble>, wrong: &mut Vec<String>) {
        match answer {
            Ok(response) if response.status == 200 => {
                self.answered.fetch_add(1, Ordering::SeqCst);
            }
            other => wrong.push(format!("{other:?}")),
        }
    }

    /// One connection for all requests; every other one has a body and is asked once only.
    fn on_one_connection(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut client = Raw::connect(self.port);
        while self.goes_on() && wrong.is_empty() {
            client.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
            self.count(client.response(), &mut wrong);
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
            self.count(client.response(), &mut wrong);
        }
        wrong
    }

    /// A visitor whose counter grows by one with each request, each on its own connection.
    fn as_a_visitor(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut visitor = Visitor::new(self.port);
        for count in 1.. {
            if !self.goes_on() || !wrong.is_empty() {
                break;
            }
            let answer = visitor.try_send("GET", "/counter", &[], b"");
            if let Ok(response) = &answer
                && json(response)["count"] != count
            {
                wrong.push(format!("not {count}: {response:?}"));
            }
            self.count(answer, &mut wrong);
        }
        wrong
    }
}

/// Changes weights, limits and rules of the file, round and round.
fn change(cluster: &mut Cluster, round: usize) {
    let (from, to) = if round.is_multiple_of(2) { (ODD, EVEN) } else { (EVEN, ODD) };
    for (from, to) in from.iter().zip(to) {
        cluster.rewrite(from, to);
    }
}

const EVEN: [&str; 3] = ["weight = 100", "max-body = \"1M\"", "regexp = '^/even'"];
const ODD: [&str; 3] = ["weight = 300", "max-body = \"2M\"", "regexp = '^/odd'"];

#[test]
fn a_hundred_reloads_and_nobody_notices() {
    let rule = "[[cluster.web-tier.rewrite-dispatch]]\n";
    let recipe = Recipe::example("one_balancer_two_backends")
        .replaced("id = \"app-a\"", "id = \"app-a\"\nweight = 100")
        .replaced(rule, &format!("{rule}regexp = '^/even'\nforbidden = true\n\n{rule}"))
        .replaced(
            "[[cluster.web-tier.server]]",
            "limits = { max-body = \"1M\" }\n\n[[cluster.web-tier.server]]",
        );
    let mut cluster = Cluster::start(recipe);
    let load = Load {
        port: cluster.port(8080),
        over: AtomicBool::new(false),
        answered: AtomicUsize::new(0),
    };
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let mut askers: Vec<_> = (0..2).map(|_| scope.spawn(|| load.on_one_connection())).collect();
        askers.extend((0..2).map(|_| scope.spawn(|| load.as_a_visitor())));
        for round in 1..=RELOADS {
            change(&mut cluster, round);
            let before = load.answered.load(Ordering::SeqCst);
            for id in ["web-a", "app-a", "app-b"] {
                cluster.desk(id).reload();
            }
            let waited = cluster.server("web-a").wait_until(|| {
                let ended = askers.iter().any(|asker| asker.is_finished());
                ended || load.answered.load(Ordering::SeqCst) >= before + 4
            });
            waited.unwrap_or_else(|why| panic!("nobody is answered: {why}"));
        }
        load.over.store(true, Ordering::SeqCst);
        askers.into_iter().flat_map(|asker| asker.join().expect("an asker")).collect()
    });
    assert_eq!(wrong, Vec::<String>::new());
    for id in ["web-a", "app-a", "app-b"] {
        let status = cluster.desk(id).status();
        assert_eq!((status.reloads, status.reload_error), (100, None), "{id}");
    }
    let status = cluster.desk("web-a").status();
    assert!(status.servers.iter().all(|server| server.failures == 0), "{:?}", status.servers);
    assert!(load.answered.load(Ordering::SeqCst) >= 4 * RELOADS);
}
