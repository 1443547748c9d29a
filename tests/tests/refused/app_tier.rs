//! The rows at the door of an app-tier server of its own.

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::get;
use copal_testkit::recipe::Recipe;
use serde_json::Value;

use crate::verdict::answer_of;
use crate::{report, rows};

const DIRECT: &str = r#"
[[cluster.app-tier.server]]
id = "app-a"
port = 6800
http = [{ address = "127.0.0.1", port = 8090 }]

[[cluster.app-tier.web-app]]
app = "demo"
"#;

#[test]
fn every_row_has_the_same_answer_as_at_the_web_tier() {
    let cluster = Cluster::start(Recipe::text(DIRECT));
    let port = cluster.port(8090);
    let mut failures = Vec::new();
    for (at, row) in rows().iter().enumerate() {
        if let Err(why) = answer_of(row, port) {
            failures.push(format!("{}: {why}", row.name()));
        }
        let good = format!("/echo/good-{at}");
        let response = get(port, &good);
        let echoed: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        if response.status != 200 || echoed["path"] != good.as_str() {
            failures.push(format!("{}: then {response:?}", row.name()));
        }
    }
    report(&failures);
}

#[test]
fn the_application_sees_what_was_meant() {
    let cluster = Cluster::start(Recipe::text(DIRECT));
    let echo = |request: &str| -> Value {
        let response = copal_testkit::raw::ask(cluster.port(8090), request);
        serde_json::from_slice(&response.body).unwrap_or_else(|_| panic!("{response:?}"))
    };
    let method = echo("get /echo/x HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(method["method"], "get");
    let path = echo("GET /echo/a/%2e%2e/b;jsessionid=abc?q=%2e HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!((&path["path"], &path["query"]), (&"/echo/b".into(), &"q=%2e".into()));
    let body = echo(
        "POST /echo HTTP/1.1\r\nHost: a\r\nX_Forwarded_For: x\r\nX-Forwarded-For: 6.6.6.6\r\n\
         Copal-Session-Id: forged\r\nTransfer-Encoding: chunked\r\n\r\n\
         5;a=b\r\nABCDE\r\n0\r\nHost: evil\r\n\r\n",
    );
    assert_eq!(body["body_bytes"], 5, "{body}");
    let headers = body["headers"].to_string().to_ascii_lowercase();
    for forged in ["x_forwarded_for", "6.6.6.6", "forged", "evil"] {
        assert!(!headers.contains(forged), "{forged}: {headers}");
    }
}
