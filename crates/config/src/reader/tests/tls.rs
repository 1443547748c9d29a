//! Certificates, and the clusters that use them.

use std::path::PathBuf;

use super::{found, good, words};
use crate::summary::Summary;
use crate::tls::{MinVersion, Tls};

/// Four lines: one server that others can reach.
const SERVER: &str =
    "[[cluster.app.server]]\nid = \"a\"\naddress = \"10.0.0.1\"\nhttp = [{ port = 8080 }]\n";

/// Four lines: its certificates.
const TLS: &str = "[tls.ring]\ncertificate = \"${server}.pem\"\nkey = \"/k/${server}.key\"\nclient-ca = \"ca.pem\"\n";

/// Two lines.
const USED: &str = "[cluster.app]\ncluster-tls = \"ring\"\n";

/// What is written, and what is found as rule, line, column.
type Row = (&'static str, &'static [(&'static str, usize, usize)]);

#[test]
fn certificates_take_the_place_of_the_secret() {
    let text = format!("{SERVER}{TLS}{USED}");
    assert_eq!(found(&text), []);
    let config = good(&text).config;
    let expected = Tls {
        name: "ring".to_owned(),
        certificate: PathBuf::from("/etc/copal/${server}.pem"),
        key: PathBuf::from("/k/${server}.key"),
        client_ca: Some(PathBuf::from("/etc/copal/ca.pem")),
        min_version: MinVersion::Tls12,
    };
    assert_eq!(config.clusters[0].tls, Some(expected));
    let summary = Summary(&config).to_string();
    assert!(summary.contains("  cluster port: mutual TLS with [tls.ring]\n"), "{summary}");
    assert_eq!(found(SERVER), [("missing-secret", 3, 11)]);
    assert_eq!(
        words(SERVER, "missing-secret").split(" | ").next().unwrap(),
        "the cluster port of the server \"a\" is at 10.0.0.1, which other hosts can reach, and there \
         is neither a `secret` nor a `cluster-tls`"
    );
}

#[test]
fn the_oldest_version() {
    for (written, version) in [("1.2", MinVersion::Tls12), ("1.3", MinVersion::Tls13)] {
        let text = format!("{SERVER}{TLS}min-version = \"{written}\"\n{USED}");
        assert_eq!(good(&text).config.clusters[0].tls.as_ref().unwrap().min_version, version);
    }
}

#[test]
fn what_is_wrong_with_certificates() {
    let rows: &[Row] = &[
        ("[tls.ring]\n", &[("missing-key", 5, 6), ("missing-key", 5, 6), ("missing-key", 7, 15)]),
        ("[tls.ring]\ncertificate = \"c\"\nkey = \"k\"\n", &[("missing-key", 9, 15)]),
        (
            "[tls.ring]\ncertificate = 1\nkey = \"k\"\nclient-ca = \"c\"\nmin-version = \"1.1\"\nca = 1\n",
            &[("wrong-type", 6, 15), ("unknown-value", 9, 15), ("unknown-key", 10, 1)],
        ),
        ("", &[("dangling-tls", 6, 15)]),
        (
            "[tls.rink]\ncertificate = \"c\"\nkey = \"k\"\nclient-ca = \"c\"\n",
            &[("without-effect", 5, 6), ("dangling-tls", 10, 15)],
        ),
    ];
    for (written, expected) in rows {
        let text = format!("{SERVER}{written}{USED}");
        assert_eq!(found(&text), *expected, "\n{text}");
    }
    assert_eq!(found(&format!("tls = 1\n{SERVER}{USED}"))[0], ("wrong-type", 1, 7));
    assert_eq!(found(&format!("[tls]\nring = 1\n{SERVER}{USED}"))[0], ("wrong-type", 2, 8));
}

#[test]
fn hints() {
    assert_eq!(
        words(
            &format!("{SERVER}[tls.rink]\ncertificate = \"c\"\nkey = \"k\"\n{USED}"),
            "dangling-tls"
        ),
        "there is no [tls.ring] | did you mean \"rink\"?"
    );
    assert_eq!(
        words(&format!("{SERVER}{USED}"), "dangling-tls"),
        "there is no [tls.ring] | add `[tls.ring]` with `certificate`, `key` and `client-ca`"
    );
    let web = format!(
        "{SERVER}{TLS}{USED}[cluster.web-tier]\ncluster-tls = \"ring\"\n\
         [[cluster.web-tier.server]]\nid = \"w\"\nhttp = [{{ port = 80 }}]\n"
    );
    assert_eq!(found(&web), [("wrong-tier", 12, 15)]);
}
