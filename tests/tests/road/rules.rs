//! Rules and hosts: every action through a real web tier, and through an app tier of its own.

use copal_testkit::cluster::Cluster;
use copal_testkit::raw::{ask, get};
use copal_testkit::recipe::Recipe;
use copal_testkit::response::Response;

use crate::seen::server_at;

/// Hosts with rules of their own, in front of two clusters.
const HOSTS: &str = r#"
[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080 }]

[[cluster.web-tier.rewrite-dispatch]]
regexp = '^/old/(?<rest>.*)'
moved-permanently = "/new/$rest"

[[cluster.web-tier.rewrite-dispatch]]
regexp = '^/elsewhere'
redirect = "https://${host}${path}"

[[cluster.web-tier.rewrite-dispatch]]
regexp = '^/(internal|admin)(/|$)'
forbidden = true

[[cluster.web-tier.rewrite-dispatch]]
regexp = '^/gone'
not-found = true

[[cluster.web-tier.host]]
name = "shop.example"
alias = ["www.shop.example"]
rewrite-dispatch = [{ load-balance = "shop-tier" }]

[[cluster.web-tier.host]]
name = "*.blog.example"
rewrite-dispatch = [{ load-balance = "blog-tier" }]

[[cluster.web-tier.host]]
regexp = 'blog[0-9]+\.example'
rewrite-dispatch = [{ load-balance = "blog-tier" }]

[[cluster.shop-tier.server]]
id = "shop-a"
port = 6800

[[cluster.shop-tier.web-app]]
app = "demo"

[[cluster.blog-tier.server]]
id = "blog-a"
port = 6810
http = [{ address = "127.0.0.1", port = 8081 }]

[[cluster.blog-tier.rewrite-dispatch]]
regexp = '^/secret'
forbidden = true

[[cluster.blog-tier.rewrite-dispatch]]
regexp = '^/short/(\w+)$'
dispatch = "/echo/$1"

[[cluster.blog-tier.web-app]]
app = "demo"
"#;

fn of_host(port: u16, host: &str, path: &str) -> Response {
    ask(port, format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"))
}

#[test]
fn every_action_answers_as_its_rule_says() {
    let cluster = Cluster::start(Recipe::text(HOSTS));
    let port = cluster.port(8080);
    for (path, status, location) in [
        ("/old/a/b?x=1", 301, Some("/new/a/b?x=1")),
        ("/elsewhere/c?x=1", 302, Some("https://shop.example/elsewhere/c?x=1")),
        ("/admin", 403, None),
        ("/internal/x", 403, None),
        ("/%61dmin/x", 403, None),
        ("/x/../admin", 403, None),
        ("/admin;a=b/x", 403, None),
        ("/administer", 404, None),
        ("/gone/away", 404, None),
    ] {
        let response = of_host(port, "shop.example", path);
        assert_eq!(response.status, status, "{path}: {response:?}");
        assert_eq!(response.field("location"), location, "{path}");
    }
}

#[test]
fn a_target_never_leads_to_a_host_that_the_client_chose() {
    let cluster = Cluster::start(Recipe::text(HOSTS));
    let response = get(cluster.port(8080), "/old//evil.example/x");
    let location = response.field("location").unwrap_or_default();
    assert_eq!(response.status, 301, "{response:?}");
    assert!(location.starts_with("/new/"), "{location}");
}

#[test]
fn the_host_decides_whoever_writes_it_how() {
    let cluster = Cluster::start(Recipe::text(HOSTS));
    let port = cluster.port(8080);
    for (host, server) in [
        ("shop.example", "shop-a"),
        ("SHOP.example:8080", "shop-a"),
        ("www.shop.example", "shop-a"),
        ("shop.example.", "shop-a"),
        ("my.blog.example", "blog-a"),
        ("a.b.blog.example", "blog-a"),
        ("blog7.example", "blog-a"),
    ] {
        let response = of_host(port, host, "/echo");
        assert!(response.text().contains(&format!("\"{server}\"")), "{host}: {response:?}");
    }
    for host in ["blog.example", "blogx.example", "evil.example"] {
        assert_eq!(of_host(port, host, "/echo").status, 404, "{host}");
    }
    // An absolute target counts more than the Host beside it.
    let absolute = "GET http://shop.example/echo HTTP/1.1\r\nHost: my.blog.example\r\n\r\n";
    assert!(ask(port, absolute).text().contains("\"shop-a\""));
}

#[test]
fn rules_of_an_app_server_hold_at_its_own_door_too() {
    let cluster = Cluster::start(Recipe::text(HOSTS));
    let own_door = cluster.port(8081);
    assert_eq!(server_at(own_door, "/echo"), "blog-a");
    assert_eq!(get(own_door, "/secret/x").status, 403);
    assert!(get(own_door, "/short/cut").text().contains("\"/echo/cut\""));
    assert_eq!(of_host(cluster.port(8080), "my.blog.example", "/secret/x").status, 403);
}

#[test]
fn the_example_of_hosts_does_what_it_says() {
    let cluster = Cluster::start(Recipe::example("virtual_hosts"));
    let port = cluster.port(8080);
    assert_eq!(of_host(port, "www.shop.example", "/echo").status, 200);
    assert_eq!(of_host(port, "shop.example", "/admin/x").status, 403);
    assert_eq!(of_host(port, "a.blog.example", "/echo").status, 200);
    let file = of_host(port, "static.example", "/about.html");
    assert_eq!(file.field("content-type"), Some("text/html; charset=utf-8"), "{file:?}");
    let moved = of_host(port, "static.example", "/old/page");
    assert_eq!((moved.status, moved.field("location")), (301, Some("/new/page")));
    let other = of_host(port, "elsewhere.example", "/x?y");
    assert_eq!((other.status, other.field("location")), (302, Some("http://shop.example/x?y")));
}
