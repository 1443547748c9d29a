//! Servers keep the letters by which cookies name them, whatever the file says, while they run.

use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;
use copal_testkit::visitor::Visitor;

use crate::seen::json;

#[test]
fn sessions_find_their_servers_when_the_file_swaps_them() {
    let mut cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let mut visitors: Vec<Visitor> = (0..4).map(|_| Visitor::new(cluster.port(8080))).collect();
    for visitor in &mut visitors {
        assert_eq!(json(&visitor.get("/counter"))["count"], 1);
    }
    cluster.rewrite("id = \"app-a\"", "id = \"app-a\"\nindex = 1");
    cluster.rewrite("id = \"app-b\"", "id = \"app-b\"\nindex = 0");
    for round in 2..=3 {
        for id in ["web-a", "app-a", "app-b"] {
            let answer = cluster.desk(id).post("/reload");
            let said = json(&answer);
            assert_eq!(said["changed"], serde_json::json!([]), "{id}: {answer:?}");
            assert!(said["needs_restart"].to_string().contains("`index` of app-a was 0 and is 1"));
        }
        for visitor in &mut visitors {
            let answer = visitor.get("/counter");
            assert_eq!(json(&answer)["count"], round, "{answer:?}");
        }
    }
    assert!(!cluster.desk("web-a").status().needs_restart.is_empty());
}
