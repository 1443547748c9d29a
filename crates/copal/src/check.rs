//! The command `copal check`.

use std::path::{Path, PathBuf};

use copal_config::cluster::{Cluster, Protocol};
use copal_config::config::Config;
use copal_config::config_file::{self, ConfigFile};
use copal_config::failure::Failure as NoConfiguration;
use copal_config::finding::{Finding, Severity};
use copal_config::persistent_store::PersistentStore;
use copal_config::reader;
use copal_config::report::Report;
use copal_config::server::{HttpListener, Server};
use copal_config::summary::Summary;
use copal_config::web_app::WebApp;
use serde_json::{Value, json};

use crate::binaries;
use crate::failure::Failure;
use crate::terminal;

/// Validates the configuration and prints a summary of the cluster; with `json` one object for
/// programs instead of both.
///
/// # Errors
/// When nothing can be started with the configuration.
pub fn run(config: Option<PathBuf>, json: bool) -> Result<(), Failure> {
    let path = ConfigFile::locate(config).required()?;
    if json {
        return run_for_programs(&path);
    }
    let checked = config_file::read(&path, WebApp::BUILT_IN, Severity::Note)?;
    terminal::show(&Summary(&checked.config).to_string());
    Ok(())
}

fn run_for_programs(path: &Path) -> Result<(), Failure> {
    let (config, report) = match reader::read(path) {
        Ok(checked) => (Some(checked.config), checked.warnings),
        Err(NoConfiguration::Broken(report)) => (None, report),
        Err(failure) => return Err(failure.into()),
    };
    terminal::show(&format!("{:#}\n", object(path, config.as_ref(), &report)));
    match config {
        Some(_) => Ok(()),
        None => Err(NoConfiguration::Reported(path.to_owned()).into()),
    }
}

/// What a program may want to know of a check.
fn object(path: &Path, config: Option<&Config>, report: &Report) -> Value {
    let findings: Vec<Value> =
        report.findings().iter().map(|found| finding(found, report)).collect();
    json!({
        "file": path.display().to_string(),
        "usable": config.is_some(),
        "findings": findings,
        "clusters": config.map(clusters),
    })
}

fn finding(finding: &Finding, report: &Report) -> Value {
    let position = report.position(finding.place);
    json!({
        "severity": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "rule": finding.rule.word(),
        "message": finding.message,
        "hint": finding.hint,
        "line": position.line,
        "column": position.column,
    })
}

fn clusters(config: &Config) -> Vec<Value> {
    config.clusters.iter().map(cluster).collect()
}

fn cluster(cluster: &Cluster) -> Value {
    let runs = match (cluster.protocol, cluster.tier) {
        (Protocol::Http, _) => None,
        (Protocol::Copal, tier) => Some(binaries::name(tier)),
    };
    json!({
        "name": cluster.name,
        "program": runs,
        "sessions": sessions(cluster),
        "servers": cluster.servers.iter().map(server).collect::<Vec<_>>(),
    })
}

/// How copies of sessions are made; nothing when there are none.
fn sessions(cluster: &Cluster) -> Option<Value> {
    let store = match &cluster.persistent_store {
        PersistentStore::None => return None,
        PersistentStore::File(store) => {
            return Some(json!({ "copies": 1, "path": store.path.display().to_string() }));
        }
        PersistentStore::Cluster(store) => store,
    };
    Some(json!({
        "copies": cluster.session.copies,
        "acknowledge": cluster.session.acknowledge.word(),
        "degraded": cluster.session.degraded.word(),
        "path": store.path.as_ref().map(|path| path.display().to_string()),
    }))
}

fn server(server: &Server) -> Value {
    let listener =
        |one: &HttpListener| json!({ "address": one.address.to_string(), "port": one.port });
    json!({
        "id": server.id,
        "index": server.index.get(),
        "letter": char::from(server.index.letter()).to_string(),
        "address": server.address.to_string(),
        "port": server.port,
        "http": server.http.iter().map(listener).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_config::process_environment::ProcessEnvironment;

    fn checked(text: &str) -> Value {
        let file = Path::new("c.toml");
        match reader::read_text("c.toml", Path::new(""), text, &ProcessEnvironment) {
            Ok(checked) => object(file, Some(&checked.config), &checked.warnings),
            Err(report) => object(file, None, &report),
        }
    }

    #[test]
    fn a_good_file_is_usable() {
        let object = checked(
            r#"
                [[cluster.web-tier.server]]
                id = "web-a"
                http = [{ port = 8080 }]
                [[cluster.web-tier.rewrite-dispatch]]
                load-balance = "legacy"
                [cluster.shop]
                session-config = { copies = 3, degraded = "refuse" }
                persistent-store = { type = "cluster", path = "/var/lib/copal" }
                server = [{ id = "a" }, { id = "b", port = 6801 }, { id = "c", port = 6802 }]
                [cluster.legacy]
                protocol = "http"
                [[cluster.legacy.server]]
                id = "old"
                index = 2
                address = "192.0.2.1"
                port = 80
            "#,
        );
        assert_eq!(object["usable"], true, "{object}");
        assert_eq!(object["clusters"][0]["program"], "web-tier");
        let listener = json!({ "address": "0.0.0.0", "port": 8080 });
        assert_eq!(object["clusters"][0]["servers"][0]["http"], json!([listener]));
        let sessions = json!({
            "copies": 3,
            "acknowledge": "backup",
            "degraded": "refuse",
            "path": "/var/lib/copal",
        });
        assert_eq!(object["clusters"][1]["sessions"], sessions);
        assert_eq!(object["clusters"][2]["program"], Value::Null);
        assert_eq!(object["clusters"][2]["sessions"], Value::Null);
        assert_eq!(object["clusters"][2]["servers"][0]["letter"], "c");
    }

    #[test]
    fn a_bad_file_has_its_errors_with_their_places() {
        let object = checked("nonsense = 1\n");
        assert_eq!(object["usable"], false);
        assert_eq!(object["clusters"], Value::Null);
        let findings = object["findings"].as_array().unwrap();
        let unknown = findings.iter().find(|found| found["rule"] == "unknown-key").unwrap();
        assert_eq!(unknown["severity"], "error");
        assert_eq!((&unknown["line"], &unknown["column"]), (&json!(1), &json!(1)));
    }
}
