//! A bad file changes nothing and is reported.

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::recipe::Recipe;

use crate::farm::{self, ONE, TWO, at_a};
use crate::seen::{json, server_at};

#[test]
fn everything_that_is_wrong_is_told_and_the_old_file_stays_in_force() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    let bad = format!("{TWO}wieght = 1\nload-balance-max-requests = \"many\"\n");
    cluster.rewrite(ONE, &bad);
    let answer = cluster.desk("web-a").post("/reload");
    assert_eq!(answer.status, 422, "{answer:?}");
    let report = json(&answer)["error"].as_str().unwrap_or_default().to_owned();
    assert!(report.contains("wieght") && report.contains("max-requests"), "{report}");
    let status = cluster.desk("web-a").status();
    assert_eq!((status.reloads, status.reload_error), (0, Some(report)));
    assert_eq!((status.servers.len(), at_a(&cluster, 4)), (1, 4));
    let said = cluster.server("web-a").wait_for_log("nothing was changed");
    assert!(said.contains("ERROR"), "{said}");
    farm::change(&mut cluster, &bad, TWO);
    let status = cluster.desk("web-a").status();
    assert_eq!((status.reloads, status.reload_error), (1, None));
    assert_eq!(at_a(&cluster, 4), 2);
}

#[test]
fn a_file_that_is_gone_is_bad() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let cluster = farm::one(&a, &b);
    std::fs::remove_file(cluster.config()).expect("the file of the test");
    let answer = cluster.desk("web-a").post("/reload");
    assert_eq!(answer.status, 422, "{answer:?}");
    assert_eq!(at_a(&cluster, 2), 2);
}

#[test]
fn a_signal_is_the_same_as_being_asked() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    cluster.rewrite(ONE, TWO);
    cluster.server("web-a").hang_up();
    cluster.wait_status("web-a", "it was read again", |status| status.reloads == 1);
    assert_eq!(at_a(&cluster, 4), 2);
    cluster.rewrite(TWO, "weight = 1000000\n");
    cluster.server("web-a").hang_up();
    let status =
        cluster.wait_status("web-a", "it was refused", |status| status.reload_error.is_some());
    assert!(status.reload_error.is_some_and(|why| why.contains("weight")), "{:?}", status.reloads);
    assert_eq!(at_a(&cluster, 4), 2);
}

#[test]
fn an_app_server_refuses_it_as_well() {
    let mut cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    cluster.rewrite("app = \"demo\"", "app = \"dema\"");
    let answer = cluster.desk("app-a").post("/reload");
    assert_eq!(answer.status, 422, "{answer:?}");
    let status = cluster.desk("app-a").status();
    assert!(status.reload_error.is_some_and(|why| why.contains("dema")));
    assert_eq!(server_at(cluster.port(8080), "/echo;jsessionid=abc"), "app-a");
}
