//! Requests for files: bodies that nobody needs, and folders that a rule names.

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::{Raw, get};
use copal_testkit::recipe::Recipe;

const FILES: &str = r#"
workers = 1

[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080 }]

[[cluster.web-tier.web-app]]
root = "htdocs"

[[cluster.web-tier.rewrite-dispatch]]
regexp = '^/start'
dispatch = "/folder"
"#;

fn start() -> Cluster {
    let recipe = Recipe::text(FILES);
    let recipe = recipe.with_file("htdocs/one.txt", b"one").with_file("htdocs/two.txt", b"two");
    Cluster::start(recipe.with_file("htdocs/folder/index.html", b"<p>index"))
}

const EVIL: &str = "GET /two.txt?evil HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn the_body_of_a_request_for_a_file_is_dropped() {
    let cluster = start();
    let bodies = [
        format!("Content-Length: {}\r\n\r\n{EVIL}", EVIL.len()),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{EVIL}\r\n0\r\n\r\n", EVIL.len()),
    ];
    for body in bodies {
        let mut client = Raw::connect(cluster.port(8080));
        let second = "GET /folder/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        client.send(format!("GET /one.txt HTTP/1.1\r\nHost: a\r\n{body}{second}"));
        let answers = [client.response(), client.response()];
        let answers = answers.map(|answer| answer.map(|response| response.text()));
        assert_eq!(answers, [Ok("one".to_owned()), Ok("<p>index".to_owned())], "{body}");
        assert_eq!(client.closed(), Ok(()), "{body}");
    }
}

#[test]
fn a_body_that_is_not_all_there_ends_the_connection_after_the_file() {
    let cluster = start();
    let framings = [
        format!("Content-Length: {}\r\n\r\n", 2 * EVIL.len()),
        format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", 2 * EVIL.len()),
    ];
    for framing in framings {
        let mut client = Raw::connect(cluster.port(8080));
        client.send(format!("GET /one.txt HTTP/1.1\r\nHost: a\r\n{framing}{EVIL}"));
        let response = client.response().expect("the file");
        assert_eq!((response.status, response.text().as_str()), (200, "one"), "{framing}");
        assert!(response.says_close(), "{framing}: {response:?}");
        client.send(EVIL).finish();
        assert_eq!(client.closed(), Ok(()), "{framing}");
    }
}

#[test]
fn a_rule_that_names_a_folder_is_answered_with_its_index() {
    let cluster = start();
    let response = get(cluster.port(8080), "/start");
    assert_eq!((response.status, response.text().as_str()), (200, "<p>index"), "{response:?}");
    // Whoever asks for the folder by its name is told the right one.
    let named = get(cluster.port(8080), "/folder");
    assert_eq!((named.status, named.field("location")), (301, Some("./folder/")), "{named:?}");
}
