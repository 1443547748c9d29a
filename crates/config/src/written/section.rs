//! The sections of the file, with every key that each of them knows.

use crate::written::nearest::nearest;

/// A kind of table in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Top,
    Secret,
    Log,
    Limits,
    Tls,
    Cluster,
    ServerDefault,
    Server,
    Listener,
    Admin,
    HealthCheck,
    PersistentStore,
    SessionConfig,
    WebApp,
    Rule,
    Host,
}

impl Section {
    /// In the order in which a misplaced key is looked for.
    pub(crate) const ALL: &[Self] = &[
        Self::Top,
        Self::Log,
        Self::Limits,
        Self::Tls,
        Self::Cluster,
        Self::Server,
        Self::Listener,
        Self::Admin,
        Self::HealthCheck,
        Self::SessionConfig,
        Self::WebApp,
        Self::Rule,
        Self::Host,
        Self::PersistentStore,
    ];

    /// The keys that may stand in it.
    pub(crate) const fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Top => &["secret", "workers", "run-dir", "log", "limits", "tls", "cluster"],
            Self::Secret => &["env", "file"],
            Self::Log => &["level", "format"],
            Self::Limits => LIMITS,
            Self::Tls => &["certificate", "key", "client-ca", "min-version"],
            Self::Cluster => CLUSTER,
            Self::ServerDefault => SERVER_DEFAULT,
            Self::Server => SERVER,
            Self::Listener => &["address", "port", "keepalive-timeout"],
            Self::Admin => &["address", "port", "token"],
            Self::HealthCheck => &["path", "interval", "timeout", "fall", "rise"],
            Self::PersistentStore => &["type", "path", "disk-sync", "recovery-wait", "max-away"],
            Self::SessionConfig => SESSION_CONFIG,
            Self::WebApp => &["path", "root", "app", "session-config"],
            Self::Rule => RULE,
            Self::Host => &["name", "alias", "regexp", "web-app", "rewrite-dispatch"],
        }
    }

    /// How a message speaks of it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Top => "the top level of the file",
            Self::Secret => "a secret",
            Self::Log => "`[log]`",
            Self::Limits => "`[limits]`",
            Self::Tls => "`[tls.NAME]`",
            Self::Cluster => "a cluster",
            Self::ServerDefault => "`server-default`",
            Self::Server => "a server",
            Self::Listener => "an `http` listener",
            Self::Admin => "`admin`",
            Self::HealthCheck => "`health-check`",
            Self::PersistentStore => "`persistent-store`",
            Self::SessionConfig => "`session-config`",
            Self::WebApp => "a web-app",
            Self::Rule => "a rule",
            Self::Host => "a host",
        }
    }

    /// How to write a key of it so that it lands there.
    const fn how(self) -> &'static str {
        match self {
            Self::Top => "at the top of the file, before the first `[…]` header",
            Self::Secret => "in `secret = { … }`",
            Self::Log => "under `[log]`",
            Self::Limits => "under `[limits]`",
            Self::Tls => "under `[tls.NAME]`",
            Self::Cluster => "under `[cluster.NAME]`",
            Self::ServerDefault => "under `[cluster.NAME.server-default]`",
            Self::Server => "under `[[cluster.NAME.server]]`",
            Self::Listener => "in `http = [{ … }]` of a server",
            Self::Admin => "in `admin = { … }` of a server",
            Self::HealthCheck => "in `health-check = { … }` of a server",
            Self::PersistentStore => "under `[cluster.NAME.persistent-store]`",
            Self::SessionConfig => "under `[cluster.NAME.session-config]`",
            Self::WebApp => "under `[[cluster.NAME.web-app]]`",
            Self::Rule => "under `[[cluster.NAME.rewrite-dispatch]]`",
            Self::Host => "under `[[cluster.NAME.host]]`",
        }
    }

    /// The key of this section that has another word elsewhere.
    fn other_word(self, key: &str) -> Option<&'static str> {
        let permanent = ["redirect-permanent", "permanent-redirect", "permanent"];
        let key = key.to_ascii_lowercase().replace('_', "-");
        (self == Self::Rule && permanent.contains(&key.as_str())).then_some("moved-permanently")
    }

    /// What to do with a key that this section does not know.
    pub(crate) fn advice(self, key: &str) -> Option<String> {
        if key == "save-only-on-shutdown" {
            return Some("write `save-mode = \"on-shutdown\"` instead of it".to_owned());
        }
        if self == Self::ServerDefault && Self::Server.keys().contains(&key) {
            return Some(format!(
                "every server has its own `{key}`: write it {}",
                Self::Server.how()
            ));
        }
        let elsewhere: Vec<&str> = Self::ALL
            .iter()
            .filter(|section| section.keys().contains(&key))
            .map(|section| section.how())
            .collect();
        if !elsewhere.is_empty() {
            return Some(format!(
                "`{key}` belongs elsewhere: write it {}",
                elsewhere.join(", or ")
            ));
        }
        let meant = self.other_word(key).or_else(|| nearest(key, self.keys().iter().copied()));
        meant.map(|meant| format!("did you mean `{meant}`?"))
    }
}

const CLUSTER: &[&str] = &[
    "tier",
    "protocol",
    "session-cookie",
    "ssl-session-cookie",
    "session-url-prefix",
    "sticky-sessions",
    "strategy",
    "server-default",
    "server",
    "persistent-store",
    "session-config",
    "cluster-tls",
    "web-app",
    "rewrite-dispatch",
    "host",
];

const SERVER: &[&str] = &[
    "id",
    "index",
    "address",
    "port",
    "http",
    "admin",
    "weight",
    "backup",
    "keepalive-timeout",
    "socket-timeout",
    "load-balance-connect-timeout",
    "load-balance-socket-timeout",
    "load-balance-idle-time",
    "load-balance-recover-time",
    "load-balance-busy-recover-time",
    "load-balance-warmup-time",
    "load-balance-max-requests",
    "load-balance-queue-timeout",
    "health-check",
];

const SERVER_DEFAULT: &[&str] = &[
    "address",
    "port",
    "http",
    "admin",
    "weight",
    "backup",
    "keepalive-timeout",
    "socket-timeout",
    "load-balance-connect-timeout",
    "load-balance-socket-timeout",
    "load-balance-idle-time",
    "load-balance-recover-time",
    "load-balance-busy-recover-time",
    "load-balance-warmup-time",
    "load-balance-max-requests",
    "load-balance-queue-timeout",
    "health-check",
];

const RULE: &[&str] = &[
    "regexp",
    "dispatch",
    "load-balance",
    "redirect",
    "moved-permanently",
    "forbidden",
    "not-found",
];

const SESSION_CONFIG: &[&str] = &[
    "session-timeout",
    "session-max-lifetime",
    "session-max",
    "session-max-bytes",
    "cookie-length",
    "cookie-domain",
    "cookie-path",
    "cookie-max-age",
    "cookie-secure",
    "cookie-http-only",
    "cookie-same-site",
    "enable-cookies",
    "enable-url-rewriting",
    "reuse-session-id",
    "use-persistent-store",
    "always-save-session",
    "save-mode",
    "copies",
    "acknowledge",
    "acknowledge-timeout",
    "degraded",
];

const LIMITS: &[&str] = &[
    "max-connections",
    "header-timeout",
    "body-timeout",
    "min-body-rate",
    "send-timeout",
    "tunnel-idle-timeout",
    "drain-time",
    "max-head",
    "max-fields",
    "max-uri",
    "max-body",
    "response-head",
    "trusted-proxies",
    "allow-encoded-slash",
    "merge-slashes",
    "lenient-responses",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_default_has_every_key_of_a_server_but_id_and_index() {
        let rest: Vec<_> = SERVER.iter().filter(|key| !["id", "index"].contains(key)).collect();
        assert_eq!(SERVER_DEFAULT.iter().collect::<Vec<_>>(), rest);
    }

    #[test]
    fn the_reference_has_every_key() {
        let reference = include_str!("../../../../docs/configuration.md");
        for section in Section::ALL {
            for key in section.keys() {
                // As a key, or as a header.
                let forms = [format!("`{key}"), format!("[{key}")];
                let is_there = forms.iter().any(|form| reference.contains(form));
                assert!(is_there, "`{key}` of {}", section.name());
            }
        }
    }

    #[test]
    fn advice_for_unknown_keys() {
        for (section, key, expected) in [
            (Section::Server, "secret", Some("at the top of the file")),
            (Section::Server, "workers", Some("before the first `[…]` header")),
            (Section::Server, "prot", Some("did you mean `port`?")),
            (Section::Server, "keepalive_timeout", Some("did you mean `keepalive-timeout`?")),
            (Section::Cluster, "port", Some("under `[[cluster.NAME.server]]`, or in `http")),
            (Section::Cluster, "session-timeout", Some("under `[cluster.NAME.session-config]`")),
            (Section::ServerDefault, "id", Some("every server has its own `id`")),
            (Section::Top, "level", Some("under `[log]`")),
            (Section::Top, "clusters", Some("did you mean `cluster`?")),
            (
                Section::SessionConfig,
                "save-only-on-shutdown",
                Some("`save-mode = \"on-shutdown\"`"),
            ),
            (Section::SessionConfig, "disk-sync", Some("under `[cluster.NAME.persistent-store]`")),
            (Section::Rule, "proxy", None),
            (Section::Rule, "redirect-permanent", Some("did you mean `moved-permanently`?")),
            (Section::Rule, "permanent-redirect", Some("did you mean `moved-permanently`?")),
            (Section::Rule, "permanent", Some("did you mean `moved-permanently`?")),
            (Section::Rule, "redirect_permanent", Some("did you mean `moved-permanently`?")),
            (Section::Host, "permanent", None),
        ] {
            let advice = section.advice(key);
            match expected {
                None => assert_eq!(advice, None, "{key}"),
                Some(part) => assert!(advice.clone().unwrap().contains(part), "{key}: {advice:?}"),
            }
        }
    }
}
