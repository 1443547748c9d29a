//! The two doors that clients come in by, with the same limits.

use std::time::Duration;

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::Raw;
use copal_testkit::recipe::Recipe;

/// A web tier at 8080, with a folder of files, before an app tier that clients reach at 8090 too.
const BOTH: &str = r#"
[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080, keepalive-timeout = "30s" }]

[[cluster.web-tier.web-app]]
path = "/files"
root = "files"

[[cluster.web-tier.rewrite-dispatch]]
regexp = '^/files/'
dispatch = true

[[cluster.web-tier.rewrite-dispatch]]
load-balance = "app-tier"

[[cluster.app-tier.server]]
id = "app-a"
port = 6800
http = [{ address = "127.0.0.1", port = 8090, keepalive-timeout = "30s" }]

[[cluster.app-tier.web-app]]
app = "demo"
"#;

/// The ports of both doors, as the file has them.
pub(crate) const DOORS: [(&str, u16); 2] = [("web tier", 8080), ("app tier", 8090)];

/// Both doors, with these lines in `[limits]`. One thread each, so that a limit that is counted
/// per thread is counted once.
pub(crate) fn both(limits: &str) -> Recipe {
    let text = format!("workers = 1\n[limits]\n{limits}\n{BOTH}");
    Recipe::text(&text).with_file("files/small.txt", b"small")
}

/// One after the other, the elder first: both doors of a started cluster.
pub(crate) fn each(limits: &str, test: impl Fn(&Door)) {
    let cluster = Cluster::start(both(limits));
    for (name, written) in DOORS {
        test(&Door { name, port: cluster.port(written) });
    }
}

/// One door of a cluster.
pub(crate) struct Door {
    pub(crate) name: &'static str,
    pub(crate) port: u16,
}

impl Door {
    /// A client who has just come in.
    pub(crate) fn client(&self) -> Raw {
        Raw::connect(self.port)
    }

    /// Fails unless the client gets this status; then the connection must end, if it is a
    /// refusal.
    pub(crate) fn expect(&self, what: &str, client: &mut Raw, status: u16) {
        let name = self.name;
        let response = client.response();
        let response = response.unwrap_or_else(|why| panic!("{name}: {what}: {why}"));
        assert_eq!(response.status, status, "{name}: {what}: {response:?}");
        if status >= 400 {
            assert!(response.says_close(), "{name}: {what}: {response:?}");
            assert_eq!(client.closed(), Ok(()), "{name}: {what}");
        }
    }
}

/// Two clients of whom the second begins `later` than the first.
pub(crate) fn elder_and_younger(mut begin: impl FnMut() -> Raw, later: Duration) -> (Raw, Raw) {
    let mut elder = begin();
    assert!(elder.is_silent_for(later), "the elder did not even get {later:?}");
    (elder, begin())
}
