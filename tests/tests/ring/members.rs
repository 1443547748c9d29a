//! Servers come into the cluster and leave it, by a file that is read again.

use crate::crowd::Crowd;
use crate::farm::{self, APPS};

const SECOND: &str = r#"[[cluster.app-tier.server]]
id = "app-b"
port = 6801
http = [{ address = "127.0.0.1", port = 8082 }]

[[cluster.app-tier.server]]
id = "app-c"
port"#;
const WITHOUT_SECOND: &str = r#"[[cluster.app-tier.server]]
id = "app-c"
index = 2
port"#;

#[test]
fn who_was_bound_to_a_server_that_has_left_is_bound_to_others() {
    let mut cluster = farm::start();
    let mut user = farm::user_at(&cluster, "app-a", "abc");
    let old = user.id();
    farm::are_whole(&cluster, &APPS);
    assert_eq!(cluster.stop("app-b").code(), Some(0));
    user.visit().unwrap();
    assert_eq!(user.id(), old, "it may come back");
    cluster.rewrite(SECOND, WITHOUT_SECOND);
    for server in ["web-a", "app-a", "app-c"] {
        cluster.desk(server).reload();
    }
    user.visit().unwrap();
    let new = user.id();
    assert_eq!(new.get(..2), Some("ac"));
    assert_eq!(new.get(3..), old.get(3..), "key and proof stay");
    // The old one is still good, wherever it comes in.
    for app in ["app-a", "app-c"] {
        user.visitor.set_cookie("JSESSIONID", &old);
        user.visitor.go_to(farm::door(&cluster, app));
        user.visit().unwrap();
        assert_eq!(user.id(), new, "{app}");
        user.visit().unwrap();
        assert_eq!(user.id(), new, "{app}");
    }
    assert_eq!(user.count, 7);
}

#[test]
fn nobody_notices_that_a_server_is_added_and_one_is_taken_away() {
    let mut cluster = farm::start();
    let wrong = Crowd::while_it(&mut cluster, |cluster, crowd| {
        cluster.rewrite(farm::WEB_APP, &format!("{}{}", farm::FOURTH, farm::WEB_APP));
        cluster.start_server("app-d");
        for server in ["app-a", "app-b", "app-c", "web-a"] {
            cluster.desk(server).reload();
            crowd.meanwhile(cluster);
        }
        farm::is_ready(cluster, "app-d");
        crowd.meanwhile(cluster);
        farm::are_whole(cluster, &APPS);
        // First it gives away what it has, then the others forget it.
        assert_eq!(cluster.stop("app-b").code(), Some(0));
        crowd.meanwhile(cluster);
        cluster.rewrite(SECOND, WITHOUT_SECOND);
        for server in ["web-a", "app-a", "app-c", "app-d"] {
            cluster.desk(server).reload();
            crowd.meanwhile(cluster);
        }
        farm::are_whole(cluster, &["app-a", "app-c", "app-d"]);
    });
    assert_eq!(wrong, Vec::<String>::new());
}
