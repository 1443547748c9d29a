//! Requests and what is decided about them.

use copal_config::cluster::Tier;
use copal_config::cluster_index::ClusterIndex;
use copal_config::host::{self, HostName, Hosts, NamedHost};
use copal_config::session_config::SessionConfig;
use copal_config::template::Part;
use copal_config::web_app::WebApp;
use regex::bytes::Regex;

use super::*;

fn web_app(path: &str) -> WebApp {
    WebApp {
        line: 1,
        path: path.to_owned(),
        root: None,
        app: None,
        session: SessionConfig::default(),
    }
}

fn rule(line: usize, regexp: &str, action: Action) -> Rule {
    Rule { line, regexp: (!regexp.is_empty()).then(|| Regex::new(regexp).unwrap()), action }
}

/// `$1` and `${…}` in a target; enough of the file's grammar for tests.
fn template(text: &str) -> Template {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        parts.push(Part::Text(before.to_owned()));
        let (part, after) = match after.split_once('}').filter(|_| after.starts_with('{')) {
            Some(("{host", after)) => (Part::Host, after),
            Some(("{path", after)) => (Part::Path, after),
            Some(("{query", after)) => (Part::Query, after),
            _ => {
                let (number, after) = after.split_at(1);
                (Part::Group(number.parse().unwrap()), after)
            }
        };
        parts.push(part);
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    parts.retain(|part| *part != Part::Text(String::new()));
    Template { parts }
}

fn named(name: &str, host: host::Host) -> NamedHost {
    let names = name.split_whitespace().map(|name| match name.strip_prefix('*') {
        Some(suffix) => HostName::Suffix(suffix.to_owned()),
        None => HostName::Exact(name.to_owned()),
    });
    NamedHost { names: names.collect(), regexp: None, host }
}

fn table(hosts: Hosts) -> Table {
    let cluster = Cluster { hosts, ..Cluster::new("web-tier", Tier::Web) };
    Table::new(&cluster, &Limits { allow_encoded_slash: true, ..Limits::default() })
}

fn one_host(rules: Vec<Rule>) -> Table {
    table(Hosts { default: host::Host { rules, web_apps: Vec::new() }, named: Vec::new() })
}

/// A decision on one line.
fn decide(table: &Table, authority: &str, target: &str) -> String {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.as_bytes())),
        None => (target, None),
    };
    let path = NormalPath::of(path.as_bytes(), table.policy()).unwrap();
    let request = Request { authority: authority.as_bytes(), path: &path, query };
    let line = |rule: Option<&Rule>| rule.map_or(0, |rule| rule.line);
    match table.decide(&request) {
        Decision::Here { host, rule } => {
            format!("{} here {}", line(rule), host.name().unwrap_or("-"))
        }
        Decision::HereAt { host, rule, path, query } => {
            let query = query.map(|query| format!("?{}", query.escape_ascii()));
            let path = path.forward().escape_ascii().to_string() + &query.unwrap_or_default();
            format!("{} here {} at {path}", rule.line, host.name().unwrap_or("-"))
        }
        Decision::LoadBalance { cluster, rule } => format!("{} to {}", rule.line, cluster.0),
        Decision::Redirect { status, location, rule } => {
            format!("{} {status} {}", rule.line, location.escape_ascii())
        }
        Decision::Refuse { status, rule } => format!("{} {status}", line(rule)),
    }
}

#[test]
fn the_first_rule_that_matches_wins() {
    let table = one_host(vec![
        rule(1, r"(\.png|\.gif|\.jpg)", Action::Dispatch),
        rule(2, "^/foo", Action::LoadBalance(ClusterIndex(1))),
        rule(3, "^/bar", Action::LoadBalance(ClusterIndex(2))),
        rule(4, "^/foo/never", Action::Forbidden),
        rule(5, "^/admin", Action::Forbidden),
        rule(6, "^/old$", Action::NotFound),
        rule(7, "^/caf\u{e9} x$", Action::Forbidden),
    ]);
    #[rustfmt::skip]
    let cases = [
        // path                       decision
        ("/",                         "0 here -"),
        ("/a.png",                    "1 here -"),
        ("/foo.jpg/x",                "1 here -"),
        ("/foo",                      "2 to 1"),
        ("/foo/never",                "2 to 1"),
        ("/x/foo",                    "0 here -"),
        ("/bar/x;jsessionid=abc",     "3 to 2"),
        ("/account;x=.png",           "0 here -"),
        ("/account/x.png",            "1 here -"),
        ("/foo;jsessionid=a.png",     "2 to 1"),
        ("/foo?x=.png",               "2 to 1"),
        ("/x/../admin",               "5 403"),
        ("/%61dmin",                  "5 403"),
        ("//admin",                   "5 403"),
        ("/%2fadmin",                 "5 403"),
        ("/admin;x/y",                "5 403"),
        ("/old",                      "6 404"),
        ("/old/",                     "0 here -"),
        ("/caf%C3%A9%20x",            "7 403"),
        ("/.copal",                   "0 404"),
        ("/.copal/ready",             "0 404"),
        ("/x/..//%2Ecopal/hello",     "0 404"),
        ("/.copal;x/hello",           "0 404"),
        ("/.copal-foo.png",           "1 here -"),
    ];
    for (path, decision) in cases {
        assert_eq!(decide(&table, "a", path), decision, "{path}");
    }
}

#[test]
fn the_default_hosts_rules_come_before_a_hosts_own() {
    let host = |rules| host::Host { rules, web_apps: Vec::new() };
    let table = table(Hosts {
        default: host(vec![rule(1, "^/secret", Action::Forbidden)]),
        named: vec![
            named("shop.example", host(vec![rule(2, "", Action::LoadBalance(ClusterIndex(1)))])),
            named("*.example", host(vec![rule(3, "^/secret", Action::NotFound)])),
        ],
    });
    #[rustfmt::skip]
    let cases = [
        // authority            path         decision
        ("shop.example",        "/",         "2 to 1"),
        ("shop.example",        "/secret",   "1 403"),
        ("www.example:8080",    "/secret",   "1 403"),
        ("www.example:8080",    "/",         "0 here *.example"),
        ("elsewhere",           "/",         "0 here -"),
        ("elsewhere",           "/secret",   "1 403"),
        ("",                    "/",         "0 here -"),
    ];
    for (authority, path, decision) in cases {
        assert_eq!(decide(&table, authority, path), decision, "{authority} {path}");
    }
}

#[test]
fn the_longest_web_app_wins_on_a_whole_segment() {
    let apps = |paths: &[&str]| paths.iter().map(|path| web_app(path)).collect();
    let host = host::Host { rules: Vec::new(), web_apps: apps(&["/", "/shop", "/shop/admin"]) };
    let host = Host::default_host(&host);
    #[rustfmt::skip]
    let cases = [
        // text               web-app
        ("/",                 Some("/")),
        ("/x",                Some("/")),
        ("/shop",             Some("/shop")),
        ("/shop/",            Some("/shop")),
        ("/shop/x",           Some("/shop")),
        ("/shopping",         Some("/")),
        ("/shop/admin/x",     Some("/shop/admin")),
        ("/Shop",             Some("/")),
    ];
    for (text, path) in cases {
        let found = host.web_app(text.as_bytes()).map(|app| app.path.as_str());
        assert_eq!(found, path, "{text}");
    }
    let without_root = host::Host { rules: Vec::new(), web_apps: apps(&["/shop"]) };
    assert!(Host::default_host(&without_root).web_app(b"/x").is_none());
}

#[test]
fn a_target_is_filled_in_and_made_safe() {
    #[rustfmt::skip]
    let cases = [
        // regexp           target                           request                      location
        ("^/old",           "/new",                          "/old/x",                    "/new"),
        ("^/old",           "/new",                          "/old?a=b",                  "/new?a=b"),
        ("^/old",           "/new?x=1",                      "/old?a=b",                  "/new?x=1"),
        ("^/old",           "/new?x=1&${query}",             "/old?a=b",                  "/new?x=1&a=b"),
        ("^/old",           "/new?${query}",                 "/old",                      "/new?"),
        ("^/old",           "/new#top",                      "/old?a=b",                  "/new?a=b#top"),
        ("^/old/(.*)$",     "/new/$1",                       "/old/a/b",                  "/new/a/b"),
        ("^/old/(.*)$",     "/new/$1",                       "/old/caf%c3%a9%20%3f%25",   "/new/caf%C3%A9%20%3F%25"),
        ("^/(.*)$",         "/$1",                           "/%2f%2fevil.com",           "/evil.com"),
        ("^/x(?s:(.*))$",   "/$1",                           "/x//evil.com",              "/evil.com"),
        ("^/x(?s:(.*))$",   "$1",                            "/x//evil.com",              "/evil.com"),
        ("^/x(?s:(.*))$",   "$1",                            "/xhttps://evil.com",        "/https:/evil.com"),
        ("^/x(?s:(.*))$",   "/$1",                           "/x%5cevil.com",             "/%5Cevil.com"),
        ("^/x(?s:(.*))$",   "/$1",                           "/x%0d%0aSet-Cookie:a=b",    "/%0D%0ASet-Cookie:a=b"),
        ("^/x(?s:(.*))$",   "/$1",                           "/x%09/evil.com",            "/%09/evil.com"),
        ("^/x(?s:(.*))$",   "/y$1",                          "/x%3Bjsessionid=abc",       "/y%3Bjsessionid=abc"),
        ("^/x(?s:(.*))$",   "/y?q=$1",                       "/xa&b=c%23%2f+d",           "/y?q=a%26b%3Dc%23/%2Bd"),
        ("(a)|(b)",         "/$2",                           "/a",                        "/"),
        ("",                "https://www.shop.example${path}", "/a;jsessionid=abc/b;c?q=1", "https://www.shop.example/a/b;c?q=1"),
        ("",                "https://${host}${path}",        "/a/%2f",                    "https://h.example/a/%2F"),
        ("",                "https://${host}:8443/x",        "/a",                        "https://h.example:8443/x"),
        ("^(.*)$",          "https://www.shop.example$1",    "/a",                        "https://www.shop.example/a"),
        ("^/x(.*)$",        "https://www.shop.example$1",    "/x.evil.com",               "https://www.shop.example/.evil.com"),
        ("^/x(.*)$",        "https://www.shop.example$1/y",  "/x@evil.com",               "https://www.shop.example/@evil.com/y"),
        ("^/(.*)$",         "https://$1.shop.example/",      "/evil.com%2f",              "https://evil.com%2F.shop.example/"),
        ("^/(.*)$",         "https://$1.shop.example/",      "/a@b:c",                    "https://a%40b%3Ac.shop.example/"),
        ("^/(.*)$",         "//cdn.example/$1",              "/a",                        "//cdn.example/a"),
        ("",                "https://www.shop.example",      "/a",                        "https://www.shop.example/"),
        ("",                "/login?from=${path}",           "/a;b=c?d",                  "/login?from=/a%3Bb%3Dc"),
        ("",                "/caf\u{e9} x%20y",              "/a",                        "/caf%C3%A9%20x%20y"),
    ];
    for (regexp, target, request, location) in cases {
        let table = one_host(vec![rule(1, regexp, Action::Redirect(template(target)))]);
        let decision = decide(&table, "h.example:80", request);
        assert_eq!(decision, format!("1 302 {location}"), "{regexp} {target} {request}");
    }
    let moved = one_host(vec![rule(1, "", Action::MovedPermanently(template("/new")))]);
    assert_eq!(decide(&moved, "a", "/"), "1 301 /new");
}

#[test]
fn a_redirect_to_an_unusable_host_is_refused() {
    let table = one_host(vec![rule(1, "", Action::Redirect(template("https://${host}/x")))]);
    for authority in ["", ":80", "a b", "a/b", "u@a", "a\\b", "a%2f"] {
        assert_eq!(decide(&table, authority, "/"), "1 400", "{authority}");
    }
    assert_eq!(decide(&table, "[::1]:80", "/"), "1 302 https://[::1]/x");
}

#[test]
fn another_path_is_dispatched_in_normal_form() {
    #[rustfmt::skip]
    let cases = [
        // regexp           target               request               decision
        ("^/a/(.*)$",       "/b/$1",             "/a/x%20y;p?q",       "1 here - at /b/x%20y?q"),
        ("^/a/(.*)$",       "/b//$1?z",          "/a/x?q",             "1 here - at /b/x?z"),
        ("^/a/(.*)$",       "/b/%7e",            "/a/x",               "1 here - at /b/~"),
        ("^/a/(.*)$",       "/b/$1",             "/a/%252e%252e/x",    "1 here - at /b/%252e%252e/x"),
        ("^/a/(.*)$",       "/b/$1",             "/a/x%3Bjsessionid=abc", "1 here - at /b/x%3Bjsessionid=abc"),
        ("^/a(.*)$",        "/b/$1",             "/a../secret",        "1 400"),
        ("^/a(.*)$",        "/b/$1",             "/a../",              "1 400"),
        ("^/a(.*)$",        "/b/.$1",            "/a./x",              "1 400"),
        ("^/a(.*)$",        "/b/$1",             "/a.x",               "1 here - at /b/.x"),
        ("^/a(.*)$",        "/b%2f%2e%2e/$1",    "/a",                 "1 400"),
        ("^/a(.*)$",        "/b/%zz",            "/a",                 "1 400"),
        ("^/a(.*)$",        "https://x/b",       "/a",                 "1 400"),
    ];
    for (regexp, target, request, decision) in cases {
        let table = one_host(vec![rule(1, regexp, Action::DispatchTo(template(target)))]);
        assert_eq!(decide(&table, "a", request), decision, "{regexp} {target} {request}");
    }
}

#[test]
fn no_path_sends_a_browser_to_another_host() {
    use proptest::prelude::*;
    let table = one_host(vec![
        rule(1, "^/a(?s:(.*))$", Action::Redirect(template("/$1"))),
        rule(2, "^/b(?s:(.*))$", Action::Redirect(template("https://h.example$1"))),
        rule(3, "", Action::Redirect(template("$0"))),
    ]);
    let piece = prop::sample::select(vec![
        "/", "%2f", "%5c", "\\", "%09", "%0d%0a", "@", ":", "https:", "evil.com", ".", ";", "%3b",
        "%40",
    ]);
    let paths = ("/[abc]", prop::collection::vec(piece, 0..8));
    proptest!(|((start, pieces) in paths)| {
        let path = start + &pieces.concat();
        let Ok(path) = NormalPath::of(path.as_bytes(), table.policy()) else { return Ok(()) };
        let request = Request { authority: b"h.example", path: &path, query: None };
        let Decision::Redirect { location, rule, .. } = table.decide(&request) else {
            panic!("every path is redirected");
        };
        prop_assert!(location.iter().all(u8::is_ascii_graphic));
        let own = if rule.line == 2 { b"https://h.example/".as_slice() } else { b"/" };
        let after = location.strip_prefix(own).unwrap();
        prop_assert!(!matches!(after, [b'/' | b'\\', ..]) || rule.line == 2);
    });
}
