//! A virtual host, ready to be asked.

use copal_config::host::{self, HostName, NamedHost};
use copal_config::rule::Rule;
use copal_config::web_app::WebApp;

/// A virtual host, ready to be asked.
#[derive(Debug, Clone)]
pub struct Host {
    name: Option<String>,
    rules: Vec<Rule>,
    /// The longest path first.
    web_apps: Vec<WebApp>,
}

impl Host {
    /// The default host.
    #[must_use]
    pub fn default_host(host: &host::Host) -> Self {
        Self::new(None, host)
    }

    /// A host with a name or a pattern.
    #[must_use]
    pub fn named(host: &NamedHost) -> Self {
        let name = match host.names.first() {
            Some(HostName::Exact(name)) => Some(name.clone()),
            Some(HostName::Suffix(suffix)) => Some(format!("*{suffix}")),
            None => host.regexp.as_ref().map(|regexp| regexp.as_str().to_owned()),
        };
        Self::new(name, &host.host)
    }

    fn new(name: Option<String>, host: &host::Host) -> Self {
        let mut web_apps = host.web_apps.clone();
        web_apps.sort_by_key(|app| std::cmp::Reverse(app.path.len()));
        Self { name, rules: host.rules.clone(), web_apps }
    }

    /// Its first name, `*` before a suffix, or its pattern; for logs. The default host has none.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its own rules, in the order of the file.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The web-app with the longest path that `text` lies in. `/shop` holds `/shop` and
    /// `/shop/x`, not `/shopping`. A named host has its own web-apps only: where it has none that
    /// fits, the answer is 404 and never the default host's web-app.
    #[must_use]
    pub fn web_app(&self, text: &[u8]) -> Option<&WebApp> {
        self.web_apps.iter().find(|app| holds(app.path.as_bytes(), text))
    }
}

fn holds(context: &[u8], text: &[u8]) -> bool {
    let context = context.strip_suffix(b"/").unwrap_or(context);
    matches!(text.strip_prefix(context), Some([] | [b'/', ..]))
}
