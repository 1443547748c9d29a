//! A site of a small cluster, for tests.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use copal_config::reader;
use copal_serve::connection_cap::ConnectionCap;
use copal_serve::drain::Drain;

use crate::household::{Beginnings, Household};
use crate::site::Site;

const FILE: &str = r#"
[[cluster.web-tier.server]]
id = "web-a"
http = [{ port = 8080 }]
[[cluster.web-tier.rewrite-dispatch]]
load-balance = "app-tier"
[[cluster.app-tier.server]]
id = "app-a"
port = 6800
[[cluster.app-tier.server]]
id = "app-b"
port = 6801
"#;

/// The site of web-a before app-a and app-b.
pub(crate) fn site() -> Site {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(FILE.as_bytes()).unwrap();
    let config = reader::read_with(file.path(), &[]).unwrap().config;
    let household = Household::new(Beginnings {
        server: "web-a".to_owned(),
        cluster: "web-tier".to_owned(),
        epoch: copal_serve::clock::now() - Duration::from_secs(3),
        first_turn: 0,
        process_mark: 7,
        drain: Drain::default(),
        cap: ConnectionCap::new(10),
    });
    let (cluster, server) = config.server("web-a").unwrap();
    Site::new(&config, cluster, server, &Arc::new(household), None).unwrap()
}
