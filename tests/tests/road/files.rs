//! Files of the web tier: types, validators, ranges.

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::{Raw, ask, get};
use copal_testkit::recipe::Recipe;
use copal_testkit::response::Response;

fn start() -> Cluster {
    let recipe = Recipe::example("split_dispatch");
    Cluster::start(recipe.with_file("htdocs/digits.txt", b"0123456789"))
}

fn ask_with(cluster: &Cluster, path: &str, fields: &str) -> Response {
    let head = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n");
    ask(cluster.port(8080), head)
}

#[test]
fn a_file_has_its_type_its_length_and_validators() {
    let cluster = start();
    for (path, kind) in [("/logo.png", "image/png"), ("/about.html", "text/html")] {
        let response = get(cluster.port(8080), path);
        let named = response.field("content-type").unwrap_or_default();
        assert!(named.starts_with(kind), "{path}: {response:?}");
        assert_eq!(response.field("content-length"), Some(&*response.body.len().to_string()));
        assert!(response.field("etag").is_some(), "{response:?}");
        assert!(response.field("last-modified").is_some(), "{response:?}");
    }
}

#[test]
fn a_client_that_has_the_file_gets_304() {
    let cluster = start();
    let first = get(cluster.port(8080), "/digits.txt");
    let tag = first.field("etag").expect("an entity tag");
    let date = first.field("last-modified").expect("a date");
    for fields in [format!("If-None-Match: {tag}\r\n"), format!("If-Modified-Since: {date}\r\n")] {
        let again = ask_with(&cluster, "/digits.txt", &fields);
        assert_eq!((again.status, again.field("etag")), (304, Some(tag)), "{fields}");
    }
    let other = ask_with(&cluster, "/digits.txt", "If-None-Match: \"other\"\r\n");
    assert_eq!((other.status, other.text().as_str()), (200, "0123456789"));
}

#[test]
fn nothing_follows_a_304_but_the_next_answer() {
    let cluster = start();
    let mut client = Raw::connect(cluster.port(8080));
    client.send("GET /digits.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    let first = client.response().expect("the file");
    assert_eq!((first.status, first.text().as_str()), (200, "0123456789"), "{first:?}");
    let tag = first.field("etag").expect("an entity tag");
    client.send(format!(
        "GET /digits.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n\
         GET /digits.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    ));
    let second = client.response().expect("the 304");
    assert_eq!((second.status, second.field("etag")), (304, Some(tag)), "{second:?}");
    let third = client.response().expect("the answer behind the 304");
    assert_eq!((third.status, third.text().as_str()), (200, "0123456789"), "{third:?}");
    assert_eq!(client.closed(), Ok(()));
    for response in [first, second, third] {
        let date = response.field("date").expect("a date");
        assert!(date.len() == 29 && date.ends_with(" GMT"), "{response:?}");
    }
}

#[test]
fn a_range_is_a_part_of_the_file() {
    let cluster = start();
    let rows = [
        ("bytes=2-4", 206, "234", Some("bytes 2-4/10")),
        ("bytes=7-", 206, "789", Some("bytes 7-9/10")),
        ("bytes=-3", 206, "789", Some("bytes 7-9/10")),
        ("bytes=10-", 416, "", Some("bytes */10")),
        ("nonsense", 200, "0123456789", None),
    ];
    for (range, status, body, content_range) in rows {
        let response = ask_with(&cluster, "/digits.txt", &format!("Range: {range}\r\n"));
        assert_eq!(response.status, status, "{range}: {response:?}");
        assert_eq!(response.field("content-range"), content_range, "{range}");
        if status != 416 {
            assert_eq!(response.text(), body, "{range}");
        }
    }
}

#[test]
fn head_has_the_fields_of_get_and_other_methods_are_refused() {
    let cluster = start();
    let mut client = Raw::connect(cluster.port(8080));
    client.send("HEAD /digits.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    let head = client.response_to_head().expect("a head");
    assert_eq!((head.status, head.field("content-length")), (200, Some("10")));
    client.send("DELETE /digits.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(client.response().map(|response| response.status), Ok(405));
}

#[test]
fn nothing_outside_the_folder_is_a_file() {
    let cluster = start();
    for path in ["/../cluster.toml", "/..%2fcluster.toml", "/%2e%2e/cluster.toml", "/foo/../../x"] {
        let status = get(cluster.port(8080), path).status;
        assert!(status == 400 || status == 404, "{path}: {status}");
    }
}
