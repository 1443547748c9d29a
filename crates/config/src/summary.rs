//! What `check` prints of a configuration that is good.

use std::fmt::{Display, Formatter, Result};

use crate::cluster::{Cluster, Protocol, Strategy, Tier};
use crate::config::Config;
use crate::host::{Host, HostName, NamedHost};
use crate::persistent_store::{ClusterStore, PersistentStore};
use crate::rule::{Action, Rule};
use crate::server::Server;
use crate::session_config::{Acknowledge, Degraded};
use crate::shown;
use crate::template::{Part, Template};
use crate::usual;
use crate::web_app::WebApp;

/// A configuration, printable: clusters, servers, hosts, rules, web-apps.
/// Of how a server is balanced to only what is not the usual.
#[derive(Debug, Clone, Copy)]
pub struct Summary<'c>(pub &'c Config);

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (at, cluster) in self.0.clusters.iter().enumerate() {
            if at > 0 {
                writeln!(f)?;
            }
            write_cluster(f, cluster, self.0)?;
        }
        Ok(())
    }
}

fn write_cluster(f: &mut Formatter<'_>, cluster: &Cluster, config: &Config) -> Result {
    let kind = match (cluster.protocol, cluster.tier) {
        (Protocol::Http, _) => "http servers",
        (Protocol::Copal, Tier::Web) => "web tier",
        (Protocol::Copal, Tier::App) => "app tier",
    };
    let count = cluster.servers.len();
    let plural = if count == 1 { "" } else { "s" };
    write!(f, "cluster {} ({kind}, {count} server{plural})", cluster.name)?;
    if cluster.strategy != Strategy::default() {
        write!(f, " strategy {}", cluster.strategy.word())?;
    }
    writeln!(f)?;
    match &cluster.persistent_store {
        PersistentStore::None => {}
        PersistentStore::File(store) => {
            writeln!(f, "  sessions: on disk in {}", store.path.display())?;
        }
        PersistentStore::Cluster(store) => write_sessions(f, store, cluster)?,
    }
    if let Some(tls) = &cluster.tls {
        writeln!(f, "  cluster port: mutual TLS with [tls.{}]", tls.name)?;
    }
    for server in &cluster.servers {
        write_server(f, server, cluster)?;
    }
    write_host(f, "", &cluster.hosts.default, config)?;
    for named in &cluster.hosts.named {
        writeln!(f, "  host {}", names(named))?;
        write_host(f, "  ", &named.host, config)?;
    }
    Ok(())
}

/// How many copies a session has, which are never more than the servers.
fn write_sessions(f: &mut Formatter<'_>, store: &ClusterStore, cluster: &Cluster) -> Result {
    let session = &cluster.session;
    let copies = session.copies.min(cluster.servers.len());
    let who = match session.acknowledge {
        _ if copies < 2 => "its owner",
        Acknowledge::Owner => "the owner",
        Acknowledge::Backup => "the backup",
        Acknowledge::All => "all of them",
    };
    let plural = if copies < 2 { "y" } else { "ies" };
    write!(f, "  sessions: {copies} cop{plural}, acknowledged by {who}")?;
    if session.degraded == Degraded::Refuse {
        f.write_str(", refused without a second one")?;
    }
    if let Some(path) = &store.path {
        write!(f, ", on disk in {}", path.display())?;
    }
    writeln!(f)
}

fn write_server(f: &mut Formatter<'_>, server: &Server, cluster: &Cluster) -> Result {
    let letter = char::from(server.index.letter());
    write!(f, "  server {} index {} letter {letter}", server.id, server.index.get())?;
    if let Some(port) = server.port {
        write!(f, " port {}", server.address.with_port(port))?;
    }
    for listener in &server.http {
        write!(f, " http {}", listener.address.with_port(listener.port))?;
    }
    if let Some(admin) = &server.admin {
        write!(f, " admin {}", admin.address.with_port(admin.port))?;
    }
    let usual = shown::load_balance(&usual::load_balance(cluster.protocol));
    for (key, value) in shown::load_balance(&server.load_balance) {
        if !usual.contains(&(key, value.clone())) {
            write!(f, " {key} {value}")?;
        }
    }
    writeln!(f)
}

fn names(host: &NamedHost) -> String {
    let names = host.names.iter().map(|name| match name {
        HostName::Exact(name) => name.clone(),
        HostName::Suffix(suffix) => format!("*{suffix}"),
    });
    let regexp = host.regexp.iter().map(|regexp| format!("regexp {regexp}"));
    names.chain(regexp).collect::<Vec<_>>().join(", ")
}

fn write_host(f: &mut Formatter<'_>, indent: &str, host: &Host, config: &Config) -> Result {
    for rule in &host.rules {
        writeln!(f, "{indent}  rule in line {}: {}", rule.line, RuleText(rule, config))?;
    }
    for web_app in &host.web_apps {
        writeln!(f, "{indent}  web-app {}", web_app_text(web_app))?;
    }
    Ok(())
}

fn web_app_text(web_app: &WebApp) -> String {
    let mut text = web_app.path.clone();
    if let Some(root) = &web_app.root {
        text.push_str(&format!(" root {}", root.display()));
    }
    if let Some(app) = &web_app.app {
        text.push_str(&format!(" app {app}"));
    }
    text
}

/// A rule with the names of the clusters in it.
struct RuleText<'r>(&'r Rule, &'r Config);

impl Display for RuleText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let Self(rule, config) = self;
        match &rule.regexp {
            Some(regexp) => write!(f, "{regexp} -> ")?,
            None => f.write_str("everything -> ")?,
        }
        match &rule.action {
            Action::Dispatch => f.write_str("dispatch"),
            Action::DispatchTo(target) => write!(f, "dispatch {}", template(target)),
            Action::LoadBalance(index) => {
                let name = config.cluster(*index).map_or("?", |cluster| cluster.name.as_str());
                write!(f, "load-balance {name}")
            }
            Action::Redirect(target) => write!(f, "redirect {}", template(target)),
            Action::MovedPermanently(target) => {
                write!(f, "moved-permanently {}", template(target))
            }
            Action::Forbidden => f.write_str("forbidden"),
            Action::NotFound => f.write_str("not-found"),
        }
    }
}

fn template(template: &Template) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.replace('$', "$$"),
        Part::Group(number) => format!("${{{number}}}"),
        Part::Host => "${host}".to_owned(),
        Part::Path => "${path}".to_owned(),
        Part::Query => "${query}".to_owned(),
    };
    template.parts.iter().map(part).collect()
}
