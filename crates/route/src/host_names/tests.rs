//! Names of requests and the hosts that answer to them.

use copal_config::host::Host;

use super::*;

fn host(names: &[&str], regexp: Option<&str>) -> NamedHost {
    let names = names.iter().map(|name| match name.strip_prefix('*') {
        Some(suffix) => HostName::Suffix(suffix.to_owned()),
        None => HostName::Exact((*name).to_owned()),
    });
    let regexp = regexp.map(|text| Regex::new(&format!("(?i)^(?:{text})$")).unwrap());
    NamedHost { names: names.collect(), regexp, host: Host::default() }
}

#[test]
fn a_host_is_chosen_by_name_alias_suffix_and_pattern() {
    let names = HostNames::new(&[
        host(&["a.example", "www.b.example"], None),
        host(&["*.example"], None),
        host(&["*.shop.example", "shop.example"], None),
        host(&[], Some(r"x\d+\.test")),
        host(&[], Some(r"x1.*")),
        host(&["www.b.example"], None),
        host(&["[::1]"], None),
    ]);
    #[rustfmt::skip]
    let cases = [
        // authority               host
        ("a.example",              Some(0)),
        ("A.Example:8080",         Some(0)),
        ("a.example.",             Some(0)),
        ("a.example.:80",          Some(0)),
        ("www.b.example",          Some(5)),
        ("b.example",              Some(1)),
        ("x.y.example",            Some(1)),
        ("example",                None),
        (".example",               None),
        ("notexample",             None),
        ("shop.example",           Some(2)),
        ("eu.shop.example",        Some(2)),
        ("a.eu.shop.example",      Some(2)),
        ("x1.test",                Some(3)),
        ("X22.TEST:1",             Some(3)),
        ("x1.other",               Some(4)),
        ("ax1.test",               None),
        ("[::1]:80",               Some(6)),
        ("[::2]",                  None),
        ("",                       None),
        ("caf\u{e9}",              None),
    ];
    for (authority, found) in cases {
        assert_eq!(names.find(authority.as_bytes()), found, "{authority}");
    }
}

#[test]
fn an_alias_is_found_where_no_host_is_named_so() {
    let names = HostNames::new(&[host(&["a", "b"], None), host(&["c", "b"], None)]);
    assert_eq!(names.find(b"b"), Some(0));
}

#[test]
fn a_name_that_is_no_dns_name_is_the_default_hosts() {
    let long = "a.".repeat(200) + "example";
    let names = HostNames::new(&[host(&["*.example"], Some(".*"))]);
    assert_eq!(names.find(long.as_bytes()), None);
    assert_eq!(names.find(b"a.example"), Some(0));
    assert_eq!(names.find(b"\xff\xfe"), None);
}
