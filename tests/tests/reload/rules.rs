//! Rules and hosts change with the next request, also on a connection that is kept.

use copal_testkit::cluster::Cluster;
use copal_testkit::origin::Origin;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;

use crate::farm;

const RULE: &str = "[[cluster.web-tier.rewrite-dispatch]]\nload-balance = \"farm\"\n";

fn status(client: &mut Raw, path: &str) -> u16 {
    client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    client.response().expect("an answer").status
}

#[test]
fn the_next_request_on_a_kept_connection_is_judged_by_the_new_rules() {
    let (a, b) = (Origin::answering("a"), Origin::answering("b"));
    let mut cluster = farm::one(&a, &b);
    // On every thread of the server.
    let mut clients: Vec<Raw> = (0..8).map(|_| Raw::connect(cluster.port(8080))).collect();
    for client in &mut clients {
        assert_eq!(status(client, "/secret"), 200);
    }
    let rule = "[[cluster.web-tier.rewrite-dispatch]]\nregexp = '^/secret'\nforbidden = true\n";
    farm::change(&mut cluster, RULE, &format!("{rule}\n{RULE}"));
    for client in &mut clients {
        assert_eq!((status(client, "/secret"), status(client, "/open")), (403, 200));
    }
    farm::change(&mut cluster, rule, "");
    for client in &mut clients {
        assert_eq!(status(client, "/secret"), 200);
    }
    assert_eq!(a.calls().len(), 24);
}

#[test]
fn an_app_server_reads_its_own_part_again() {
    let mut cluster = Cluster::start(Recipe::example("one_balancer_two_backends"));
    let mut client = Raw::connect(cluster.port(8080));
    let ask = |client: &mut Raw| {
        [status(client, "/echo;jsessionid=abc"), status(client, "/echo;jsessionid=bac")]
    };
    assert_eq!(ask(&mut client), [200, 200]);
    let app = "[[cluster.app-tier.web-app]]";
    let rule = "[[cluster.app-tier.rewrite-dispatch]]\nregexp = '^/echo'\nforbidden = true\n";
    cluster.rewrite(app, &format!("{rule}\n{app}"));
    cluster.desk("app-a").reload();
    assert_eq!(ask(&mut client), [403, 200], "only app-a was told");
    cluster.server("app-b").hang_up();
    cluster.wait_status("app-b", "it was read again", |status| status.reloads == 1);
    assert_eq!(ask(&mut client), [403, 403]);
}
