//! Servers come, go, and change their weight.

use copal_testkit::origin::Origin;
use copal_testkit::raw::get;

use crate::farm::{self, ONE, TWO, at_a};
use crate::seen::json;

/// The ids that the web server balances to.
fn known(cluster: &copal_testkit::cluster::Cluster) -> Vec<String> {
    cluster.desk("web-a").status().servers.into_iter().map(|server| server.id).collect()
}

#[test]
fn a_new_server_gets_requests_and_a_removed_one_none() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    assert_eq!((at_a(&cluster, 4), known(&cluster)), (4, vec!["a".to_owned()]));
    for round in 1..=3 {
        cluster.rewrite(ONE, TWO);
        assert_eq!(at_a(&cluster, 4), 4, "nobody reads it before being told to");
        let answer = cluster.desk("web-a").post("/reload");
        let changed = json(&answer)["changed"].to_string();
        assert!(changed.contains('b'), "{answer:?}");
        assert_eq!(json(&answer)["needs_restart"], serde_json::json!([]));
        assert_eq!((at_a(&cluster, 10), known(&cluster).len()), (5, 2), "round {round}");
        assert_eq!(get(cluster.port(8080), "/;jsessionid=bac").text(), "b");
        farm::change(&mut cluster, TWO, ONE);
        assert_eq!((at_a(&cluster, 4), known(&cluster).len()), (4, 1), "round {round}");
        assert_eq!(get(cluster.port(8080), "/;jsessionid=bac").text(), "a");
        assert_eq!(b.calls().len(), 6 * round);
    }
    assert_eq!(cluster.desk("web-a").status().reloads, 6);
}

#[test]
fn a_server_that_moves_is_found_at_its_new_place() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    assert_eq!(at_a(&cluster, 4), 4);
    farm::change(&mut cluster, "port = 9001", "port = 9002");
    assert_eq!(at_a(&cluster, 4), 0);
    assert_eq!((a.calls().len(), b.calls().len()), (4, 4));
}

#[test]
fn weights_change() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::two(&a, &b);
    assert_eq!(at_a(&cluster, 8), 4);
    farm::change(&mut cluster, TWO, &TWO.replacen("weight = 100", "weight = 300", 1));
    assert_eq!(at_a(&cluster, 8), 6);
    farm::change(&mut cluster, "weight = 300", "weight = 0");
    assert_eq!(at_a(&cluster, 8), 0);
    assert_eq!(get(cluster.port(8080), "/;jsessionid=abc").text(), "a");
}

#[test]
fn the_same_file_again_changes_nothing() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let cluster = farm::two(&a, &b);
    let turns: Vec<String> = (0..4)
        .map(|_| {
            let answer = cluster.desk("web-a").post("/reload");
            let expected = serde_json::json!({ "changed": [], "needs_restart": [] });
            assert_eq!(json(&answer), expected);
            get(cluster.port(8080), "/").text()
        })
        .collect();
    assert!(turns.windows(2).all(|pair| pair[0] != pair[1]), "whose turn it is goes on: {turns:?}");
    assert_eq!(cluster.desk("web-a").server("a").requests, 2, "figures go on");
}
