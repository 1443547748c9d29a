//! Whether parts of two configurations mean the same.

use regex::bytes::Regex;

use crate::cluster::Cluster;
use crate::config::Config;
use crate::host::{Host, Hosts, NamedHost};
use crate::rule::{Action, Rule};
use crate::session_config::SessionConfig;
use crate::web_app::WebApp;

/// Two configurations whose parts are compared.
#[derive(Clone, Copy)]
pub(crate) struct Pair<'c> {
    pub(crate) old: &'c Config,
    pub(crate) new: &'c Config,
}

impl Pair<'_> {
    /// Whether these rules do the same in the same order. Where they stand in the file does not
    /// count.
    pub(crate) fn rules(self, old: &[Rule], new: &[Rule]) -> bool {
        same(old, new, |a, b| {
            text_of(a.regexp.as_ref()) == text_of(b.regexp.as_ref())
                && self.actions(&a.action, &b.action)
        })
    }

    /// A position in the file tells nothing about another file, so clusters are compared by name.
    fn actions(self, old: &Action, new: &Action) -> bool {
        let name =
            |config: &Config, index| config.cluster(index).map(|cluster| cluster.name.clone());
        match (old, new) {
            (Action::LoadBalance(a), Action::LoadBalance(b)) => {
                name(self.old, *a) == name(self.new, *b)
            }
            (a, b) => a == b,
        }
    }

    fn hosts(self, old: &Host, new: &Host) -> bool {
        self.rules(&old.rules, &new.rules) && web_apps(&old.web_apps, &new.web_apps)
    }

    /// Whether these hosts are chosen alike and do the same.
    pub(crate) fn named(self, old: &[NamedHost], new: &[NamedHost]) -> bool {
        same(old, new, |a, b| is_chosen_alike(a, b) && self.hosts(&a.host, &b.host))
    }
}

/// Whether these web-apps answer alike. How they keep their sessions is another question.
pub(crate) fn web_apps(old: &[WebApp], new: &[WebApp]) -> bool {
    same(old, new, |a, b| (&a.path, &a.root, &a.app) == (&b.path, &b.root, &b.app))
}

/// Whether sessions are kept alike: those of the cluster, and those of every web-app that both have.
/// How many copies there are, of the whole cluster, is another question.
pub(crate) fn sessions(old: &Cluster, new: &Cluster) -> bool {
    let mut pairs = hosts_of(&new.hosts).flat_map(|host| {
        let before = counterpart(&old.hosts, host.0);
        host.1.web_apps.iter().filter_map(move |web_app| {
            let before = before?.web_apps.iter().find(|before| before.path == web_app.path)?;
            Some((before, web_app))
        })
    });
    is_kept_alike(&old.session, &new.session)
        && pairs.all(|(before, web_app)| is_kept_alike(&before.session, &web_app.session))
}

fn is_kept_alike(old: &SessionConfig, new: &SessionConfig) -> bool {
    let mut old = old.clone();
    old.take_copies(new);
    old == *new
}

/// The host of `hosts` that is chosen as `named` is; `None` stands for the default host.
pub(crate) fn counterpart<'h>(hosts: &'h Hosts, named: Option<&NamedHost>) -> Option<&'h Host> {
    let Some(named) = named else {
        return Some(&hosts.default);
    };
    hosts.named.iter().find(|host| is_chosen_alike(host, named)).map(|host| &host.host)
}

fn hosts_of(hosts: &Hosts) -> impl Iterator<Item = (Option<&NamedHost>, &Host)> {
    let named = hosts.named.iter().map(|named| (Some(named), &named.host));
    std::iter::once((None, &hosts.default)).chain(named)
}

fn is_chosen_alike(a: &NamedHost, b: &NamedHost) -> bool {
    let text = |regexp: &regex::Regex| regexp.as_str().to_owned();
    a.names == b.names && a.regexp.as_ref().map(text) == b.regexp.as_ref().map(text)
}

fn text_of(regexp: Option<&Regex>) -> Option<&str> {
    regexp.map(Regex::as_str)
}

fn same<T>(old: &[T], new: &[T], is_same: impl Fn(&T, &T) -> bool) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(a, b)| is_same(a, b))
}
