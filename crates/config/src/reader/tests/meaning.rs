//! Good files: what they mean.

use std::path::PathBuf;
use std::time::Duration;

use super::{APP, BOTH, good};
use crate::cluster::{Protocol, Strategy, Tier};
use crate::host::HostName;
use crate::limits::Limits;
use crate::log::{LogFormat, LogLevel};
use crate::rule::Action;
use crate::session_config::{
    Acknowledge, Degraded, ReuseSessionId, SameSite, SaveMode, SessionConfig,
};
use crate::template::Part;

#[test]
fn the_smallest_file_has_the_defaults_of_the_reference() {
    let config = good(BOTH).config;
    assert!(config.secret.is_none() && config.workers.is_none());
    assert_eq!(config.run_dir, PathBuf::from("/etc/copal/run"));
    assert_eq!(config.limits, Limits::default());
    let [web, app] = config.clusters.as_slice() else { panic!("{config:?}") };
    assert_eq!(
        (web.name.as_str(), web.tier, web.protocol),
        ("web-tier", Tier::Web, Protocol::Copal)
    );
    assert_eq!((app.name.as_str(), app.tier, app.protocol), ("app", Tier::App, Protocol::Copal));
    assert_eq!(app.session_cookie, "JSESSIONID");
    assert_eq!(app.ssl_session_cookie, "JSESSIONID");
    assert_eq!(app.session_url_prefix, ";jsessionid=");
    assert!(app.sticky_sessions);
    assert_eq!(app.strategy, Strategy::RoundRobin);
    let server = &web.servers[0];
    assert_eq!((server.port, server.http.len()), (None, 1));
    assert_eq!(server.http[0].address.to_string(), "0.0.0.0");
    assert_eq!(
        (server.http[0].port, server.http[0].keepalive_timeout),
        (8080, Duration::from_secs(60))
    );
    let server = &app.servers[0];
    assert_eq!((server.address.to_string().as_str(), server.port), ("127.0.0.1", Some(6800)));
    assert_eq!(server.keepalive_timeout, Duration::from_secs(15));
    assert_eq!(server.socket_timeout, Duration::from_secs(65));
    assert_eq!(server.load_balance.connect_timeout, Duration::from_secs(1));
    assert_eq!(server.load_balance.socket_timeout, Duration::from_secs(65));
    assert_eq!(server.load_balance.idle_time, Duration::from_secs(5));
    assert_eq!(server.load_balance.recover_time, Duration::from_secs(15));
    let rule = &web.hosts.default.rules[0];
    assert_eq!(rule.line, 6);
    let Action::LoadBalance(index) = rule.action else { panic!("{rule:?}") };
    assert_eq!(config.cluster(index).unwrap().name, "app");
    assert_eq!(config.server("a").unwrap().0.name, "app");
}

#[test]
fn the_top_level_log_and_limits() {
    let text = "secret = { file = \"key\" }\nworkers = 3\nrun-dir = \"/run/copal\"\n[log]\nlevel = \"debug\"\nformat = \"json\"\n\
                [limits]\nmax-connections = 7\nheader-timeout = \"1s\"\nbody-timeout = \"2s\"\nmin-body-rate = \"1K\"\n\
                send-timeout = \"3s\"\ntunnel-idle-timeout = \"4s\"\ndrain-time = \"5s\"\n\
                max-head = \"16K\"\nmax-fields = 50\nmax-uri = \"4K\"\nmax-body = \"1M\"\n\
                response-head = \"8K\"\ntrusted-proxies = [\"10.0.0.0/8\"]\n\
                allow-encoded-slash = true\nmerge-slashes = false\nlenient-responses = true\n";
    let config = good(&format!("{text}{APP}")).config;
    // The line end of the file is not part of the secret.
    assert_eq!(config.secret.unwrap().bytes(), b"0123456789abcdef");
    assert_eq!(config.workers.unwrap().get(), 3);
    assert_eq!(config.run_dir, PathBuf::from("/run/copal"));
    assert_eq!((config.log.level, config.log.format), (LogLevel::Debug, LogFormat::Json));
    let limits = &config.limits;
    let times = [
        limits.header_timeout,
        limits.body_timeout,
        limits.send_timeout,
        limits.tunnel_idle_timeout,
        limits.drain_time,
    ];
    assert_eq!(times.map(|time| time.as_secs()), [1, 2, 3, 4, 5]);
    assert_eq!((limits.max_connections, limits.max_fields), (7, 50));
    assert_eq!((limits.max_head, limits.max_uri, limits.response_head), (16384, 4096, 8192));
    assert_eq!((limits.max_body, limits.min_body_rate), (Some(1 << 20), Some(1024)));
    assert!(limits.trusted_proxies[0].contains("10.1.2.3".parse().unwrap()));
    assert!(limits.allow_encoded_slash && !limits.merge_slashes && limits.lenient_responses);
    let none = good(&format!("[limits]\nmax-body = 0\nmin-body-rate = 0\n{APP}")).config;
    assert_eq!((none.limits.max_body, none.limits.min_body_rate), (None, None));
}

#[test]
fn secrets_from_elsewhere() {
    let secret = |written: &str| {
        let config = good(&format!("secret = {written}\n{APP}")).config;
        config.secret.unwrap().bytes().to_vec()
    };
    assert_eq!(secret("\"ä3456789abcdefgh\""), "ä3456789abcdefgh".as_bytes());
    assert_eq!(secret("{ env = \"KEY\" }"), b"0123456789abcdef");
    assert_eq!(secret("{ file = \"/run/key\" }"), [0xff; 16]);
}

#[test]
fn servers_inherit_and_keep_their_order() {
    let text = "[cluster.app.server-default]\nkeepalive-timeout = \"20s\"\naddress = \"localhost\"\n\
                http = [{ port = 80, address = \"127.0.0.1\", keepalive-timeout = \"1s\" }]\n\
                [[cluster.app.server]]\nid = \"z\"\nindex = 5\nport = 1\n\
                [[cluster.app.server]]\nid = \"b\"\nhttp = []\nkeepalive-timeout = \"30s\"\nport = 2\n";
    let config = good(text).config;
    let [z, b] = config.clusters[0].servers.as_slice() else { panic!("{config:?}") };
    assert_eq!((z.id.as_str(), z.index.get(), z.keepalive_timeout.as_secs()), ("z", 5, 20));
    assert_eq!((b.id.as_str(), b.index.get(), b.keepalive_timeout.as_secs()), ("b", 1, 30));
    assert_eq!(
        (z.address.to_string(), b.address.to_string()),
        ("localhost".into(), "localhost".into())
    );
    assert_eq!((z.http.len(), b.http.len()), (1, 0));
    assert_eq!(z.http[0].keepalive_timeout, Duration::from_secs(1));
}

#[test]
fn clusters_and_tiers() {
    let text = "[cluster.front]\ntier = \"web\"\nsession-cookie = \"SID\"\nsticky-sessions = false\n\
                strategy = \"round-robin\"\nserver = [{ id = \"w\", http = [{ port = 80 }] }]\n\
                rewrite-dispatch = [{ load-balance = \"old\" }]\n\
                [cluster.old]\nprotocol = \"http\"\nssl-session-cookie = \"S2\"\nserver = [{ id = \"o\", port = 81 }]\n\
                [cluster.web-tier]\ntier = \"app\"\nserver = [{ id = \"x\" }]\n";
    let config = good(text).config;
    let tiers: Vec<_> =
        config.clusters.iter().map(|c| (c.name.as_str(), c.tier, c.protocol)).collect();
    assert_eq!(
        tiers,
        [
            ("front", Tier::Web, Protocol::Copal),
            ("old", Tier::App, Protocol::Http),
            ("web-tier", Tier::App, Protocol::Copal),
        ]
    );
    assert!(!config.clusters[0].sticky_sessions);
    // The cookie of secure requests is the other one unless it is written.
    assert_eq!(config.clusters[0].ssl_session_cookie, "SID");
    assert_eq!(config.clusters[1].session_cookie, "JSESSIONID");
    assert_eq!(config.clusters[1].ssl_session_cookie, "S2");
    assert_eq!(config.clusters[1].servers[0].port, Some(81));
}

#[test]
fn strategies() {
    for (word, expected) in [
        ("round-robin", Strategy::RoundRobin),
        ("least-connection", Strategy::LeastConnection),
        ("adaptive", Strategy::LeastConnection),
    ] {
        let config = good(&format!("{APP}[cluster.app]\nstrategy = \"{word}\"\n")).config;
        assert_eq!(config.clusters[0].strategy, expected, "{word}");
    }
}

#[test]
fn rules_keep_their_order_lines_and_targets() {
    let text = format!(
        "{APP}[[cluster.app.rewrite-dispatch]]\nregexp = '^/old/(?<rest>.*)$'\nmoved-permanently = \"/new/$rest?from=${{host}}$$\"\n\
         [[cluster.app.rewrite-dispatch]]\nregexp = '^/a'\ndispatch = \"/b\"\n\
         [[cluster.app.rewrite-dispatch]]\nregexp = '^/c'\nforbidden = true\n\
         [[cluster.app.rewrite-dispatch]]\nregexp = '^/d'\nnot-found = true\n\
         [[cluster.app.rewrite-dispatch]]\nregexp = '^/e'\nredirect = \"https://x/\"\n\
         [[cluster.app.rewrite-dispatch]]\ndispatch = true\n"
    );
    let config = good(&text).config;
    let rules = &config.clusters[0].hosts.default.rules;
    assert_eq!(rules.iter().map(|rule| rule.line).collect::<Vec<_>>(), [4, 7, 10, 13, 16, 19]);
    assert!(rules[0].regexp.as_ref().unwrap().is_match(b"/old/x"));
    let Action::MovedPermanently(target) = &rules[0].action else { panic!() };
    let text = |text: &str| Part::Text(text.to_owned());
    assert_eq!(
        target.parts,
        [text("/new/"), Part::Group(1), text("?from="), Part::Host, text("$")]
    );
    assert!(matches!(rules[1].action, Action::DispatchTo(_)));
    assert!(matches!(rules[2].action, Action::Forbidden));
    assert!(matches!(rules[3].action, Action::NotFound));
    assert!(matches!(rules[4].action, Action::Redirect(_)));
    assert!(matches!(rules[5].action, Action::Dispatch) && rules[5].regexp.is_none());
}

#[test]
fn hosts_and_web_apps() {
    let text = format!(
        "{APP}[[cluster.app.web-app]]\napp = \"demo\"\n\
         [[cluster.app.host]]\nname = \"Shop.Example.com\"\nalias = [\"*.shop.example.com\"]\nregexp = 'shop[0-9]'\n\
         [[cluster.app.host.web-app]]\npath = \"/shop\"\nroot = \"files/shop\"\n\
         [[cluster.app.host.web-app]]\nroot = \"/srv\"\n\
         [[cluster.app.host.rewrite-dispatch]]\nforbidden = true\n"
    );
    let config = good(&text).config;
    let hosts = &config.clusters[0].hosts;
    let web_app = &hosts.default.web_apps[0];
    assert_eq!((web_app.line, web_app.path.as_str()), (4, "/"));
    assert_eq!((web_app.app.as_deref(), &web_app.root), (Some("demo"), &None));
    let host = &hosts.named[0];
    assert_eq!(
        host.names,
        [
            HostName::Exact("shop.example.com".to_owned()),
            HostName::Suffix(".shop.example.com".to_owned())
        ]
    );
    assert!(host.regexp.as_ref().unwrap().is_match("SHOP1"));
    assert_eq!(host.host.rules.len(), 1);
    let [shop, all] = host.host.web_apps.as_slice() else { panic!() };
    assert_eq!((shop.line, shop.path.as_str()), (10, "/shop"));
    assert_eq!(shop.root, Some(PathBuf::from("/etc/copal/files/shop")));
    assert_eq!(all.root, Some(PathBuf::from("/srv")));
}

#[test]
fn session_configs_are_merged_key_by_key() {
    let text = format!(
        "{APP}[[cluster.app.server]]\nid = \"b\"\nport = 6801\n\
         [cluster.app.session-config]\nsession-timeout = \"0s\"\nsession-max-lifetime = \"8h\"\n\
         session-max = 10\nsession-max-bytes = \"64K\"\ncookie-length = 32\ncookie-domain = \"example.com\"\n\
         cookie-path = \"/\"\ncookie-max-age = \"1d\"\ncookie-secure = true\ncookie-http-only = false\n\
         cookie-same-site = \"none\"\nenable-url-rewriting = false\nreuse-session-id = false\n\
         use-persistent-store = false\nalways-save-session = true\ncopies = 3\nacknowledge = \"all\"\n\
         acknowledge-timeout = \"2s\"\ndegraded = \"refuse\"\n\
         [[cluster.app.web-app]]\napp = \"demo\"\n\
         [[cluster.app.web-app]]\npath = \"/b\"\napp = \"demo\"\n\
         session-config = {{ session-timeout = \"1h\", session-max-lifetime = \"0s\", cookie-same-site = \"strict\" }}\n"
    );
    let config = good(&text).config;
    let [inherits, own] = config.clusters[0].hosts.default.web_apps.as_slice() else { panic!() };
    let expected = SessionConfig {
        session_timeout: None,
        session_max_lifetime: Some(Duration::from_secs(8 * 3600)),
        session_max: 10,
        session_max_bytes: 64 << 10,
        cookie_length: 32,
        cookie_domain: Some("example.com".to_owned()),
        cookie_path: Some("/".to_owned()),
        cookie_max_age: Some(Duration::from_secs(86400)),
        cookie_secure: Some(true),
        cookie_http_only: false,
        cookie_same_site: SameSite::None,
        enable_cookies: true,
        enable_url_rewriting: false,
        reuse_session_id: ReuseSessionId::Never,
        use_persistent_store: false,
        always_save_session: true,
        save_mode: SaveMode::BeforeHeaders,
        copies: 3,
        acknowledge: Acknowledge::All,
        acknowledge_timeout: Duration::from_secs(2),
        degraded: Degraded::Refuse,
    };
    assert_eq!(inherits.session, expected);
    let expected = SessionConfig {
        session_timeout: Some(Duration::from_secs(3600)),
        session_max_lifetime: None,
        cookie_same_site: SameSite::Strict,
        ..expected
    };
    assert_eq!(own.session, expected);
    let default = good(&format!("{APP}[[cluster.app.web-app]]\napp = \"demo\"\n")).config;
    assert_eq!(default.clusters[0].hosts.default.web_apps[0].session, SessionConfig::default());
}
