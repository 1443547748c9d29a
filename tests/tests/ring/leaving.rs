//! Servers are stopped in order, and started again.

use crate::crowd::Crowd;
use crate::farm::{self, APPS};

#[test]
fn nobody_notices_that_servers_are_stopped_one_after_the_other() {
    let mut cluster = farm::start();
    let wrong = Crowd::while_it(&mut cluster, |cluster, crowd| {
        for app in APPS {
            farm::are_whole(cluster, &APPS);
            assert_eq!(cluster.stop(app).code(), Some(0));
            crowd.meanwhile(cluster);
            cluster.start_server(app);
            farm::is_ready(cluster, app);
        }
    });
    assert_eq!(wrong, Vec::<String>::new());
}
