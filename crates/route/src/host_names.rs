//! Which of a cluster's named hosts a request is for.

use std::collections::HashMap;

use copal_config::host::{HostName, NamedHost};
use regex::Regex;

use crate::authority;

/// The longest name that is looked up, in bytes; RFC 1035, 2.3.4, allows no longer ones.
const LONGEST: usize = 255;

/// Which of a cluster's named hosts a request is for.
#[derive(Debug, Clone, Default)]
pub struct HostNames {
    exact: HashMap<Vec<u8>, usize>,
    /// Each with its dot in front.
    suffixes: HashMap<Vec<u8>, usize>,
    patterns: Vec<(Regex, usize)>,
}

impl HostNames {
    /// The names of `hosts`; where two hosts have the same one, `name` wins over `alias` and the
    /// first over the second.
    #[must_use]
    pub fn new(hosts: &[NamedHost]) -> Self {
        let mut names = Self::default();
        let own = hosts.iter().map(|host| host.names.get(..1).unwrap_or_default());
        let aliases = hosts.iter().map(|host| host.names.get(1..).unwrap_or_default());
        for (host, name) in own.enumerate().chain(aliases.enumerate()).flat_map(each) {
            let (map, name) = match name {
                HostName::Exact(name) => (&mut names.exact, name),
                HostName::Suffix(name) => (&mut names.suffixes, name),
            };
            map.entry(name.to_ascii_lowercase().into_bytes()).or_insert(host);
        }
        let patterns = hosts.iter().enumerate();
        names.patterns =
            patterns.filter_map(|(host, named)| Some((named.regexp.clone()?, host))).collect();
        names
    }

    /// The position of the host that `authority` names: by its whole name, by the longest
    /// suffix, by the first pattern. `None` is the default host. Nothing is allocated.
    #[must_use]
    pub fn find(&self, authority: &[u8]) -> Option<usize> {
        if self.exact.is_empty() && self.suffixes.is_empty() && self.patterns.is_empty() {
            return None;
        }
        let name = authority::host_name(authority);
        let mut buffer = [0; LONGEST];
        let name = {
            let lower = buffer.get_mut(..name.len())?;
            lower.copy_from_slice(name);
            lower.make_ascii_lowercase();
            &*lower
        };
        self.exact.get(name).or_else(|| self.suffix(name)).copied().or_else(|| self.pattern(name))
    }

    fn suffix(&self, name: &[u8]) -> Option<&usize> {
        if self.suffixes.is_empty() {
            return None;
        }
        let dots = memchr::memchr_iter(b'.', name).filter(|dot| *dot > 0);
        dots.filter_map(|dot| name.get(dot..)).find_map(|suffix| self.suffixes.get(suffix))
    }

    fn pattern(&self, name: &[u8]) -> Option<usize> {
        let name = std::str::from_utf8(name).ok()?;
        self.patterns.iter().find(|(regexp, _)| regexp.is_match(name)).map(|(_, host)| *host)
    }
}

fn each((host, names): (usize, &[HostName])) -> impl Iterator<Item = (usize, &HostName)> {
    names.iter().map(move |name| (host, name))
}

#[cfg(test)]
mod tests;
