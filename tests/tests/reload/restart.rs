//! What cannot change in place is named, again each time, and stays as it was.

use copal_testkit::origin::Origin;
use copal_testkit::raw::{Raw, get};

use crate::farm::{self, at_a};
use crate::seen::json;

#[test]
fn what_needs_a_restart_is_named_and_nothing_of_it_happens() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    let before = cluster.port(8080);
    let server = "\n[[cluster.web-tier.server]]";
    cluster.rewrite(server, &format!("workers = 7\n{server}"));
    // A rule beside it is taken all the same.
    let rule = "[[cluster.web-tier.rewrite-dispatch]]\n";
    cluster.rewrite(rule, &format!("{rule}regexp = '^/no'\nforbidden = true\n\n{rule}"));
    let door = "port = 8080 }, { address = \"127.0.0.1\", port = 8081";
    cluster.rewrite("port = 8080", door);
    for round in 1..=2 {
        let answer = cluster.desk("web-a").post("/reload");
        assert_eq!(answer.status, 200, "{answer:?}");
        let named = json(&answer)["needs_restart"].to_string();
        let door = cluster.port(8081).to_string();
        assert!(named.contains("workers") && named.contains(&door), "{named}");
        assert_eq!(json(&answer)["changed"] == serde_json::json!([]), round == 2, "{answer:?}");
    }
    assert_eq!(get(before, "/no").status, 403);
    assert_eq!(at_a(&cluster, 2), 2);
    assert!(Raw::try_connect(cluster.port(8081)).is_err(), "the new door is closed");
    // After the restart it is open.
    cluster.kill("web-a");
    cluster.start_server("web-a");
    assert_eq!(get(cluster.port(8081), "/").text(), "a");
    let answer = cluster.desk("web-a").post("/reload");
    assert_eq!(json(&answer)["needs_restart"], serde_json::json!([]));
}

#[test]
fn a_server_that_is_not_in_the_file_any_more_goes_on_as_before() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    cluster.rewrite("id = \"web-a\"", "id = \"web-z\"");
    let answer = cluster.desk("web-a").post("/reload");
    assert_eq!((answer.status, &json(&answer)["changed"]), (200, &serde_json::json!([])));
    let named = json(&answer)["needs_restart"].to_string();
    assert!(named.contains("no longer in the file"), "{answer:?}");
    assert_eq!(at_a(&cluster, 2), 2);
}
