//! Hosts, rules, web-apps and files.

use copal_testkit::raw::{ask, get};

use crate::house::House;

#[test]
fn rules_decide_before_web_apps() {
    let house = House::demo_with(
        r#"
[[cluster.app-tier.rewrite-dispatch]]
regexp = '^/old'
moved-permanently = "/echo"

[[cluster.app-tier.rewrite-dispatch]]
regexp = '^/away'
redirect = "https://elsewhere.example/"

[[cluster.app-tier.rewrite-dispatch]]
regexp = '^/secret'
forbidden = true

[[cluster.app-tier.rewrite-dispatch]]
regexp = '^/gone'
not-found = true

[[cluster.app-tier.rewrite-dispatch]]
regexp = '^/alias/(.*)'
dispatch = "/echo/$1"
"#,
    );
    #[rustfmt::skip]
    let table = [
        ("/old?x=1",     301, Some("/echo?x=1")),
        ("/away",        302, Some("https://elsewhere.example/")),
        ("/secret/x",    403, None),
        ("/x/../secret", 403, None),
        ("/gone",        404, None),
    ];
    for (path, status, location) in table {
        let answer = get(house.public(), path);
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.field("location"), location, "{path}");
    }
    let text = get(house.public(), "/alias/a%20b?x=1").text();
    assert!(text.contains("\"path\":\"/echo/a%20b\""), "{text}");
    assert!(text.contains("\"query\":\"x=1\""), "{text}");
}

#[test]
fn a_host_has_its_own_web_apps() {
    let house = House::demo_with(
        r#"
[[cluster.app-tier.host]]
name = "shop.example"
[[cluster.app-tier.host.web-app]]
path = "/shop"
app = "demo"
"#,
    );
    let at = |host: &str, path: &str| {
        ask(house.public(), format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
    };
    assert_eq!(at("shop.example", "/shop/echo").status, 200);
    assert_eq!(at("SHOP.example:80", "/shop/echo").status, 200);
    assert_eq!(at("shop.example", "/echo").status, 404);
    assert_eq!(at("other.example", "/echo").status, 200);
    assert_eq!(at("other.example", "http://shop.example/shop/echo").status, 200);
}

#[test]
fn bad_paths_are_refused_and_the_connection_goes_on() {
    let house = House::demo();
    let mut client = house.raw();
    for path in ["/a%2fb", "/a%5cb", "/../x", "/a/..;/b"] {
        client.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert_eq!(client.response().unwrap().status, 400, "{path}");
    }
    client.send("GET /x/.././/%65cho HTTP/1.1\r\nHost: x\r\n\r\n");
    let text = client.response().unwrap().text();
    assert!(text.contains("\"path\":\"/echo\""), "{text}");
    client.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(client.response().unwrap().status, 200);
}

#[test]
fn files_come_before_the_application() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("img")).unwrap();
    std::fs::write(folder.path().join("img/a.txt"), "0123456789").unwrap();
    std::fs::write(folder.path().join("big.bin"), vec![1; 300_000]).unwrap();
    let root = folder.path().display();
    let house = House::open(
        &format!(
            r#"
[[cluster.app-tier.web-app]]
app = "demo"
root = "{root}"
[[cluster.app-tier.web-app]]
path = "/files"
root = "{root}"
"#
        ),
        |server| server,
    );
    let file = get(house.public(), "/img/a.txt");
    assert_eq!((file.status, file.text().as_str()), (200, "0123456789"));
    assert!(file.field("content-type").unwrap().starts_with("text/plain"));
    assert_eq!(get(house.public(), "/files/big.bin").body.len(), 300_000);
    assert_eq!(get(house.public(), "/echo").status, 200);
    assert_eq!(get(house.public(), "/files/nothing").status, 404);
    let part = "GET /img/a.txt HTTP/1.1\r\nHost: x\r\nRange: bytes=2-4\r\n\r\n";
    let part = ask(house.public(), part);
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    let etag = file.field("etag").unwrap();
    let known = format!("GET /img/a.txt HTTP/1.1\r\nHost: x\r\nIf-None-Match: {etag}\r\n\r\n");
    assert_eq!(ask(house.public(), known).status, 304);
    let post = ask(house.public(), "POST /files/img/a.txt HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!((post.status, post.field("allow")), (405, Some("GET, HEAD")));
    let mut client = house.raw();
    client.send("HEAD /img/a.txt HTTP/1.1\r\nHost: x\r\n\r\n");
    let head = client.response_to_head().unwrap();
    assert_eq!(head.field("content-length"), Some("10"));
}
