//! The keys of `persistent-store` and those of copies of sessions: what they mean, and what is wrong with them.

use std::path::PathBuf;
use std::time::Duration;

use super::{APP, BOTH, found, good, report, words};
use crate::finding::Severity;
use crate::persistent_store::{ClusterStore, DiskSync, FileStore, PersistentStore};
use crate::session_config::{Acknowledge, Degraded, SaveMode, SessionConfig};
use crate::summary::Summary;

/// Seven lines: two servers.
const TWO: &str = "[[cluster.app.server]]\nid = \"a\"\nhttp = [{ port = 8080 }]\n\
                   [[cluster.app.server]]\nid = \"b\"\nport = 6801\n\n";

/// Two lines: their store.
const STORE: &str = "[cluster.app.persistent-store]\ntype = \"cluster\"\n";

/// One line, in which more keys can follow.
const SESSION: &str = "[cluster.app.session-config]\n";

/// What is written, and what is found as rule, line, column.
type Row = (&'static str, &'static [(&'static str, usize, usize)]);

fn run(before: &str, rows: &[Row]) {
    for (written, expected) in rows {
        let text = format!("{before}{written}\n");
        assert_eq!(found(&text), *expected, "\n{text}");
    }
}

fn store(text: &str) -> PersistentStore {
    good(text).config.clusters[0].persistent_store.clone()
}

fn session(text: &str) -> SessionConfig {
    good(text).config.clusters[0].session.clone()
}

#[test]
fn the_defaults_of_the_reference() {
    assert_eq!(store(TWO), PersistentStore::None);
    assert_eq!(store(&format!("{TWO}{}", STORE.replace("cluster\"", "none\""))), store(TWO));
    let expected = ClusterStore {
        path: None,
        disk_sync: DiskSync::Every(Duration::from_secs(1)),
        recovery_wait: Duration::from_secs(30),
        max_away: Duration::from_secs(7 * 86_400),
    };
    assert_eq!(store(&format!("{TWO}{STORE}")), PersistentStore::Cluster(expected));
    let session = session(&format!("{TWO}{STORE}"));
    assert!(session.use_persistent_store && !session.always_save_session);
    assert_eq!((session.save_mode, session.copies), (SaveMode::BeforeHeaders, 2));
    assert_eq!((session.acknowledge, session.degraded), (Acknowledge::Backup, Degraded::Accept));
    assert_eq!(session.acknowledge_timeout, Duration::from_millis(500));
}

#[test]
fn every_key() {
    for (written, disk_sync) in [
        ("\"10ms\"", DiskSync::Every(Duration::from_millis(10))),
        ("\"always\"", DiskSync::Always),
        ("\"never\"", DiskSync::Never),
    ] {
        let text = format!(
            "{TWO}{STORE}path = \"sessions\"\ndisk-sync = {written}\nrecovery-wait = \"5s\"\n\
             max-away = \"1h\"\n"
        );
        let expected = ClusterStore {
            path: Some(PathBuf::from("/etc/copal/sessions")),
            disk_sync,
            recovery_wait: Duration::from_secs(5),
            max_away: Duration::from_secs(3600),
        };
        assert_eq!(store(&text), PersistentStore::Cluster(expected));
    }
    let absolute = format!("{TWO}{STORE}path = \"/var/lib/copal\"\n");
    let PersistentStore::Cluster(absolute) = store(&absolute) else { panic!() };
    assert_eq!(absolute.path, Some(PathBuf::from("/var/lib/copal")));
    let text = format!(
        "{TWO}{STORE}{SESSION}copies = 2\nacknowledge = \"all\"\nacknowledge-timeout = \"2s\"\n\
         degraded = \"refuse\"\nalways-save-session = true\nuse-persistent-store = true\n\
         save-mode = \"before-headers\"\n"
    );
    assert_eq!(found(&text), []);
    let expected = SessionConfig {
        copies: 2,
        acknowledge: Acknowledge::All,
        acknowledge_timeout: Duration::from_secs(2),
        degraded: Degraded::Refuse,
        always_save_session: true,
        ..SessionConfig::default()
    };
    assert_eq!(session(&text), expected);
}

#[test]
fn web_apps_have_the_copies_of_their_cluster() {
    let text = format!(
        "{TWO}{STORE}{SESSION}copies = 1\nacknowledge-timeout = \"1s\"\nalways-save-session = true\n\
         [[cluster.app.web-app]]\napp = \"demo\"\n\
         [[cluster.app.host]]\nname = \"h\"\n[[cluster.app.host.web-app]]\napp = \"demo\"\n\
         session-config = {{ use-persistent-store = false, always-save-session = false }}\n"
    );
    assert_eq!(found(&text), []);
    let config = good(&text).config;
    let hosts = &config.clusters[0].hosts;
    let inherits = &hosts.default.web_apps[0].session;
    assert_eq!(*inherits, config.clusters[0].session);
    assert!(inherits.use_persistent_store && inherits.always_save_session);
    let own = &hosts.named[0].host.web_apps[0].session;
    assert!(!own.use_persistent_store && !own.always_save_session);
    for session in [inherits, own] {
        assert_eq!((session.copies, session.acknowledge), (1, Acknowledge::Owner));
        assert_eq!(session.acknowledge_timeout, Duration::from_secs(1));
    }
}

#[test]
fn who_acknowledges_when_it_is_not_written() {
    for (copies, expected) in
        [(1, Acknowledge::Owner), (2, Acknowledge::Backup), (3, Acknowledge::Backup)]
    {
        let text = format!("{TWO}{STORE}{SESSION}copies = {copies}\n");
        assert_eq!(session(&text).acknowledge, expected, "{copies}");
    }
}

#[test]
fn a_session_that_fits_no_frame_is_refused_where_it_would_be_copied() {
    let of = |store: &str, session: &str| found(&format!("{TWO}{store}{SESSION}{session}\n"));
    assert_eq!(of(STORE, "session-max-bytes = \"15M\""), []);
    assert_eq!(of(STORE, "session-max-bytes = 15728641").len(), 1);
    let alone = "session-max-bytes = \"1G\"\nuse-persistent-store = false";
    assert_eq!(of(STORE, alone), []);
    let other = "[[cluster.app.web-app]]\npath = \"/big\"\napp = \"demo\"\n\
                 session-config = { session-max-bytes = \"16M\" }\n";
    assert_eq!(found(&format!("{TWO}{STORE}{other}")).len(), 1);
    assert_eq!(
        found(&format!("{TWO}{other}")).iter().filter(|one| one.0 == "limits-contradict").count(),
        0
    );
}

const STORES: &[Row] = &[
    ("type = \"none\"", &[("not-replicated", 1, 11)]),
    ("type = \"cluster\"", &[]),
    ("type = \"file\"\npath = \"x\"", &[("file-store", 9, 8)]),
    ("type = \"sql\"", &[("unknown-value", 9, 8)]),
    ("type = \"sql\"\nurl = \"sqlite:x\"", &[("unknown-value", 9, 8), ("unknown-key", 10, 1)]),
    ("type = \"clutser\"", &[("unknown-value", 9, 8)]),
    ("type = \"Cluster\"", &[("unknown-value", 9, 8)]),
    ("type = 1", &[("wrong-type", 9, 8)]),
    ("", &[("missing-key", 8, 1)]),
    ("path = \"x\"", &[("missing-key", 8, 1)]),
    ("type = \"cluster\"\npath = \"\"", &[("invalid-file", 10, 8)]),
    ("type = \"cluster\"\npath = \"a\\u0000\"", &[("invalid-file", 10, 8)]),
    ("type = \"cluster\"\npath = 1", &[("wrong-type", 10, 8)]),
    ("type = \"cluster\"\npath = \"x\"\ndisk-sync = \"sometimes\"", &[("unknown-value", 11, 13)]),
    ("type = \"cluster\"\npath = \"x\"\ndisk-sync = \"\"", &[("unknown-value", 11, 13)]),
    ("type = \"cluster\"\npath = \"x\"\ndisk-sync = \"1 s\"", &[("invalid-duration", 11, 13)]),
    ("type = \"cluster\"\npath = \"x\"\ndisk-sync = 1", &[("invalid-duration", 11, 13)]),
    ("type = \"cluster\"\npath = \"x\"\ndisk-sync = false", &[("wrong-type", 11, 13)]),
    ("type = \"cluster\"\npath = \"x\"\ndisk-sync = [\"1s\"]", &[("wrong-type", 11, 13)]),
    ("type = \"cluster\"\nrecovery-wait = 30", &[("invalid-duration", 10, 17)]),
    ("type = \"cluster\"\nmax-away = \"1w\"", &[("invalid-duration", 10, 12)]),
    ("type = \"cluster\"\ndisk_sync = \"1s\"", &[("unknown-key", 10, 1)]),
    // Nothing would be written through.
    ("type = \"cluster\"\ndisk-sync = \"1s\"", &[("without-effect", 10, 13)]),
    ("type = \"cluster\"\ndisk-sync = \"always\"", &[("without-effect", 10, 13)]),
    ("type = \"cluster\"\ndisk-sync = \"never\"", &[]),
    // A server that is given up while others still wait for it.
    ("type = \"cluster\"\nmax-away = \"30s\"", &[]),
    ("type = \"cluster\"\nmax-away = \"29999ms\"", &[("limits-contradict", 10, 12)]),
    ("type = \"cluster\"\nrecovery-wait = \"1d\"\nmax-away = \"1d\"", &[]),
    (
        "type = \"cluster\"\nmax-away = \"23h\"\nrecovery-wait = \"1d\"",
        &[("limits-contradict", 10, 12)],
    ),
    (
        "type = \"none\"\npath = \"x\"\ndisk-sync = \"1s\"\nrecovery-wait = \"1s\"\nmax-away = \"1s\"",
        &[
            ("not-replicated", 1, 11),
            ("without-effect", 10, 8),
            ("without-effect", 11, 13),
            ("without-effect", 12, 17),
            ("without-effect", 13, 12),
        ],
    ),
];

#[test]
fn stores() {
    run(&format!("{TWO}[cluster.app.persistent-store]\n"), STORES);
    run(
        TWO,
        &[
            ("[cluster.app]\npersistent-store = \"cluster\"", &[("wrong-type", 9, 20)]),
            ("[cluster.app]\npersistent-store = { type = \"cluster\" }", &[]),
        ],
    );
}

/// They come after two servers with a store.
const SESSIONS: &[Row] = &[
    ("copies = \"2\"", &[("wrong-type", 11, 10)]),
    ("copies = 2.0", &[("wrong-type", 11, 10)]),
    ("acknowledge = \"owner\"", &[]),
    ("acknowledge = \"backup\"", &[]),
    ("acknowledge = \"all\"", &[]),
    ("acknowledge = \"both\"", &[("unknown-value", 11, 15)]),
    ("acknowledge = true", &[("wrong-type", 11, 15)]),
    ("acknowledge-timeout = 500", &[("invalid-duration", 11, 23)]),
    ("degraded = \"accept\"", &[]),
    ("degraded = \"refuse\"", &[]),
    ("degraded = \"reject\"", &[("unknown-value", 11, 12)]),
    ("always-save-session = 1", &[("wrong-type", 11, 23)]),
    ("use-persistent-store = \"yes\"", &[("wrong-type", 11, 24)]),
    ("use-persistent-store = false", &[]),
    ("save-mode = \"before-headers\"", &[]),
    ("save-mode = \"after-request\"", &[]),
    ("save-mode = \"after-request\"\nalways-save-session = true", &[]),
    ("save-mode = \"on-shutdown\"", &[]),
    ("save-mode = \"save-only-on-shutdown\"", &[]),
    (
        "save-mode = \"on-shutdown\"\nalways-save-session = true",
        &[("save-mode-contradicts", 11, 13)],
    ),
    ("save-mode = \"later\"", &[("unknown-value", 11, 13)]),
    ("save-mode = 1", &[("wrong-type", 11, 13)]),
    ("save-only-on-shutdown = true", &[("unknown-key", 11, 1)]),
    ("copys = 2", &[("unknown-key", 11, 1)]),
    // How many copies, and who has them.
    ("copies = 1", &[]),
    ("copies = 1\nacknowledge = \"owner\"", &[]),
    ("copies = 1\nacknowledge = \"backup\"", &[("copies-contradict", 12, 15)]),
    ("acknowledge = \"all\"\ncopies = 1", &[("copies-contradict", 11, 15)]),
    ("copies = 1\nacknowledge = \"any\"", &[("unknown-value", 12, 15)]),
    ("copies = 1\ndegraded = \"accept\"", &[]),
    ("copies = 1\ndegraded = \"refuse\"", &[("copies-contradict", 12, 12)]),
    ("copies = 2\nacknowledge = \"all\"\ndegraded = \"refuse\"", &[]),
    ("copies = 3", &[("too-many-copies", 11, 10)]),
    ("copies = 4", &[("out-of-range", 11, 10)]),
];

#[test]
fn copies() {
    run(&format!("{TWO}{STORE}{SESSION}"), SESSIONS);
    // With a third server there may be three copies.
    let third = "[[cluster.app.server]]\nid = \"c\"\nport = 6802\n";
    run(&format!("{TWO}{STORE}{third}{SESSION}"), &[("copies = 3", &[]), ("copies = 2", &[])]);
}

#[test]
fn a_cluster_of_one_server() {
    let rows: &[Row] = &[
        ("", &[("not-replicated", 4, 1)]),
        ("copies = 1", &[("not-replicated", 4, 1)]),
        ("copies = 2", &[("not-replicated", 4, 1), ("too-many-copies", 7, 10)]),
        ("acknowledge = \"backup\"", &[("not-replicated", 4, 1)]),
        ("degraded = \"refuse\"", &[("not-replicated", 4, 1), ("copies-contradict", 7, 12)]),
        (
            "degraded = \"refuse\"\ncopies = 1",
            &[("not-replicated", 4, 1), ("copies-contradict", 7, 12)],
        ),
    ];
    run(&format!("{APP}{STORE}{SESSION}"), rows);
    let text = format!("{APP}{STORE}");
    assert_eq!(report(&text).count_of(Severity::Note), 1);
    assert_eq!(
        words(&text, "not-replicated"),
        "the cluster \"app\" has one server, so nothing is replicated: a session ends with it | "
    );
    assert_eq!(
        words(&format!("{text}path = \"sessions\"\n"), "not-replicated"),
        "the cluster \"app\" has one server, so nothing is replicated: a session is away as long as \
         it is | "
    );
    // Without a store that is no surprise.
    assert_eq!(found(&format!("{APP}[cluster.app.persistent-store]\ntype = \"none\"\n")), []);
}

#[test]
fn what_only_means_something_with_a_store() {
    let rows: &[Row] = &[
        (
            "copies = 2\nacknowledge = \"all\"\nacknowledge-timeout = \"1s\"\ndegraded = \"accept\"",
            &[
                ("without-effect", 5, 10),
                ("without-effect", 6, 15),
                ("without-effect", 7, 23),
                ("without-effect", 8, 12),
            ],
        ),
        (
            "use-persistent-store = true\nalways-save-session = true",
            &[("without-effect", 5, 24), ("without-effect", 6, 23)],
        ),
        ("use-persistent-store = false\nalways-save-session = false", &[]),
        ("save-mode = \"before-headers\"", &[]),
        ("save-mode = \"after-request\"", &[]),
        ("save-mode = \"on-shutdown\"", &[("without-effect", 5, 13)]),
    ];
    run(&format!("{APP}{SESSION}"), rows);
    let none =
        "[cluster.app]\npersistent-store = { type = \"none\" }\nsession-config = { copies = 1 }";
    assert_eq!(found(&format!("{APP}{none}")), [("without-effect", 6, 29)]);
    let web_app = "[[cluster.app.web-app]]\napp = \"demo\"\nsession-config = { use-persistent-store = true, always-save-session = true }";
    assert_eq!(
        found(&format!("{APP}{web_app}")),
        [("without-effect", 6, 43), ("without-effect", 6, 71)]
    );
    assert_eq!(
        words(&format!("{APP}{SESSION}copies = 2\n"), "without-effect"),
        "`copies` has no effect here: the cluster \"app\" has no persistent-store of type \
         \"cluster\" | "
    );
    // What kind of store was meant is not known.
    let broken =
        format!("{APP}{SESSION}copies = 1\n[cluster.app.persistent-store]\ntype = \"sq\"\n");
    assert_eq!(found(&broken), [("unknown-value", 7, 8)]);
    let broken = format!("{APP}{SESSION}copies = 1\n[cluster.app]\npersistent-store = 1\n");
    assert_eq!(found(&broken), [("wrong-type", 7, 20)]);
}

#[test]
fn what_holds_for_the_whole_cluster_is_no_web_apps_own() {
    let keys = "session-config = { copies = 1, acknowledge = \"all\", acknowledge-timeout = \"1s\", degraded = \"refuse\" }";
    for parent in ["[[cluster.app.web-app]]\n", "[[cluster.app.host.web-app]]\n"] {
        let host =
            if parent.contains("host") { "[[cluster.app.host]]\nname = \"h\"\n" } else { "\n\n" };
        let text = format!("{TWO}{STORE}{host}{parent}root = \"r\"\n{keys}\n");
        let columns = [29, 46, 75, 92].map(|column| ("cluster-wide", 14, column));
        assert_eq!(found(&text), columns, "\n{text}");
        assert_eq!(
            words(&text, "cluster-wide"),
            "`copies` holds for the whole cluster, so no web-app has its own | write it under \
             `[cluster.NAME.session-config]`"
        );
        // Who says what holds anyway says nothing wrong.
        let same = keys.replace("copies = 1", "copies = 2").replace("\"refuse\"", "\"accept\"");
        let text = format!("{TWO}{STORE}{host}{parent}root = \"r\"\n{same}\n");
        let columns = [46, 75].map(|column| ("cluster-wide", 14, column));
        assert_eq!(found(&text), columns, "\n{text}");
        let whole =
            "[cluster.app.session-config]\nacknowledge = \"all\"\nacknowledge-timeout = \"1s\"\n";
        assert_eq!(found(&format!("{text}{whole}")), [], "\n{text}");
    }
    // Its value is looked at all the same.
    let text = format!(
        "{TWO}{STORE}[[cluster.app.web-app]]\napp = \"demo\"\nsession-config = {{ copies = 4 }}\n"
    );
    assert_eq!(found(&text), [("out-of-range", 12, 29), ("cluster-wide", 12, 29)]);
    // A host has no session-config at all.
    let host = "[[cluster.app.host]]\nname = \"h\"\nsession-config = { copies = 2 }\n";
    assert_eq!(found(&format!("{TWO}{STORE}{host}")), [("unknown-key", 12, 1)]);
}

#[test]
fn a_tier_that_keeps_no_sessions() {
    let text = format!(
        "{BOTH}[cluster.web-tier]\npersistent-store = {{ type = \"cluster\" }}\n\
         session-config = {{ copies = 1, acknowledge = \"all\" }}\n"
    );
    assert_eq!(found(&text), [("wrong-tier", 9, 1), ("wrong-tier", 10, 1)]);
    let text = format!(
        "{BOTH}[[cluster.web-tier.web-app]]\nroot = \"r\"\nsession-config = {{ copies = 2 }}\n"
    );
    let found: Vec<_> = found(&text).iter().map(|(rule, ..)| *rule).collect();
    assert_eq!(found, ["wrong-tier"]);
}

#[test]
fn copies_that_other_hosts_are_sent_need_a_secret() {
    let away = TWO.replace("port = 6801\n\n", "port = 6801\naddress = \"10.0.0.2\"\n");
    let text = format!("{away}{STORE}");
    assert_eq!(found(&text), [("missing-secret", 7, 11)]);
    assert_eq!(found(&text.replace("10.0.0.2", "127.0.0.2")), []);
    assert_eq!(found(&format!("secret = \"0123456789abcdef\"\n{text}")), []);
}

/// What comes after two servers, the rule that it breaks, and the message with its hint.
type Words = (&'static str, &'static str, &'static str);

const OF_STORES: &[Words] = &[
    (
        "[cluster.app.persistent-store]\ntype = \"sql\"\n",
        "unknown-value",
        "this version has no persistent-store of type \"sql\"; it has \"none\": sessions are kept \
         in memory, \"file\": one server keeps them on its disk, and \"cluster\": other servers of the \
         cluster have copies | write `type = \"cluster\"`, or leave the section out",
    ),
    (
        "[cluster.app.persistent-store]\ntype = \"clutser\"\n",
        "unknown-value",
        "this version has no persistent-store of type \"clutser\"; it has \"none\": sessions are \
         kept in memory, \"file\": one server keeps them on its disk, and \"cluster\": other servers of \
         the cluster have copies | did you mean \"cluster\"?",
    ),
    (
        "[cluster.app.persistent-store]\n",
        "missing-key",
        "the persistent-store has no `type` | write `type = \"cluster\"`, or leave the section out",
    ),
    (
        "[cluster.app.persistent-store]\ntype = \"cluster\"\ndisk-sync = \"alwyas\"\n",
        "unknown-value",
        "`disk-sync` must be a time, \"always\" or \"never\", not \"alwyas\" | did you mean \
         \"always\"?",
    ),
    (
        "[cluster.app.persistent-store]\ntype = \"cluster\"\ndisk-sync = 5\n",
        "invalid-duration",
        "\"5\" is not a time: its unit is missing | did you mean \"5s\"?",
    ),
    (
        "[cluster.app.persistent-store]\ntype = \"cluster\"\ndisk-sync = \"0s\"\n",
        "out-of-range",
        "`disk-sync` must be longer than \"0s\" | write \"always\" for after every change, \
         \"never\" for not at all",
    ),
    (
        "[cluster.app.persistent-store]\ntype = \"cluster\"\nmax-away = \"10s\"\n",
        "limits-contradict",
        "`max-away` is \"10s\", which is below `recovery-wait`, \"30s\": a server would be given \
         up while others still wait for it | `max-away` is the time after which nobody counts on \
         a server any more",
    ),
    (
        "[cluster.app.persistent-store]\ntype = \"cluster\"\n\
         [cluster.app.session-config]\nsession-max-bytes = \"16M\"\n",
        "limits-contradict",
        "`session-max-bytes` is \"16M\", and a server can send a session of at most 15M to another: \
         nobody could have a copy of a larger one | write at most \"15M\", or \
         `use-persistent-store = false`",
    ),
];

const OF_SESSIONS: &[Words] = &[
    (
        "save-mode = \"on-shutdown\"\nalways-save-session = true",
        "save-mode-contradicts",
        "`save-mode` is \"on-shutdown\" and `always-save-session` is true: a session cannot be \
         saved with every request and only at the end | leave one of them out",
    ),
    (
        "save-mode = \"before-header\"",
        "unknown-value",
        "`save-mode` must be \"before-headers\", \"after-request\", \"on-shutdown\" or \
         \"save-only-on-shutdown\", not \"before-header\" | did you mean \"before-headers\"?",
    ),
    (
        "save-only-on-shutdown = true",
        "unknown-key",
        "unknown key `save-only-on-shutdown` in `session-config` | write `save-mode = \"on-shutdown\"` \
         instead of it",
    ),
    ("copies = 4", "out-of-range", "`copies` must be a whole number from 1 to 3, not 4 | "),
    (
        "copies = 3",
        "too-many-copies",
        "`copies` is 3 and the cluster \"app\" has 2 servers: no session has more copies than that \
         | ",
    ),
    (
        "copies = 1\nacknowledge = \"backup\"",
        "copies-contradict",
        "`acknowledge` is \"backup\" and `copies` is 1: only the owner has one | leave \
         `acknowledge` out, or let `copies` be 2 or 3",
    ),
    (
        "copies = 1\ndegraded = \"refuse\"",
        "copies-contradict",
        "`degraded` is \"refuse\", and `copies` is 1: there is no second copy that could be \
         missing | leave `degraded` out, or let `copies` be 2 or 3",
    ),
    (
        "degraded = \"acept\"",
        "unknown-value",
        "`degraded` must be \"accept\" or \"refuse\", not \"acept\" | did you mean \"accept\"?",
    ),
];

/// Four lines: one server with files.
const FILES: &str = "[[cluster.app.server]]\nid = \"a\"\nhttp = [{ port = 8080 }]\n\
                     [cluster.app.persistent-store]\n";

#[test]
fn files() {
    let text = format!("{FILES}type = \"file\"\npath = \"kept\"\n");
    assert_eq!(found(&text), []);
    let path = PathBuf::from("/etc/copal/kept");
    let every = DiskSync::Every(Duration::from_secs(1));
    let usual = FileStore { path: path.clone(), disk_sync: every };
    assert_eq!(store(&text), PersistentStore::File(usual));
    let text = format!("{FILES}type = \"file\"\npath = \"kept\"\ndisk-sync = \"always\"\n");
    let synced = FileStore { path, disk_sync: DiskSync::Always };
    assert_eq!(store(&text), PersistentStore::File(synced));
    assert!(
        Summary(&good(&text).config).to_string().contains("sessions: on disk in /etc/copal/kept")
    );
    let rows: &[Row] = &[
        ("", &[("missing-key", 4, 1)]),
        ("disk-sync = \"never\"", &[("missing-key", 4, 1)]),
        (
            "path = \"p\"\nrecovery-wait = \"1s\"\nmax-away = \"1d\"",
            &[("without-effect", 7, 17), ("without-effect", 8, 12)],
        ),
        (
            "path = \"p\"\n[cluster.app.session-config]\ncopies = 2\nalways-save-session = true\n\
             save-mode = \"after-request\"",
            &[("without-effect", 8, 10)],
        ),
        ("path = \"p\"\n[cluster.app.session-config]\nsave-mode = \"on-shutdown\"", &[]),
        ("path = \"p\"\n[[cluster.app.server]]\nid = \"b\"\nport = 6801", &[("file-store", 5, 8)]),
    ];
    run(&format!("{FILES}type = \"file\"\n"), rows);
    let two = format!("{TWO}[cluster.app.persistent-store]\ntype = \"file\"\npath = \"p\"\n");
    assert_eq!(
        words(&two, "file-store"),
        "a persistent-store of type \"file\" keeps the sessions of one server, and the cluster \
         \"app\" has 2 | write `type = \"cluster\"`: each server has its own files, and copies of \
         others"
    );
}

#[test]
fn hints() {
    for (written, rule, expected) in OF_STORES {
        assert_eq!(words(&format!("{TWO}{written}"), rule), *expected, "{written}");
    }
    for (written, rule, expected) in OF_SESSIONS {
        let text = format!("{TWO}{STORE}{SESSION}{written}\n");
        assert_eq!(words(&text, rule), *expected, "{written}");
    }
    assert_eq!(
        words(&format!("{APP}{SESSION}degraded = \"refuse\"\n"), "copies-contradict"),
        "`degraded` is \"refuse\", and the cluster \"app\" has one server: there is never a second \
         copy | leave `degraded` out, or give the cluster another server"
    );
    assert_eq!(
        words(&format!("{TWO}[cluster.app]\ncopies = 2\n"), "unknown-key"),
        "unknown key `copies` in a cluster | `copies` belongs elsewhere: write it under \
         `[cluster.NAME.session-config]`"
    );
}

#[test]
fn the_summary_tells_of_copies() {
    for (servers, session, more, expected) in [
        (TWO, "", "", "2 copies, acknowledged by the backup"),
        (TWO, "copies = 3", "", "2 copies, acknowledged by the backup"),
        (TWO, "copies = 1", "", "1 copy, acknowledged by its owner"),
        (TWO, "acknowledge = \"owner\"", "", "2 copies, acknowledged by the owner"),
        (
            TWO,
            "acknowledge = \"all\"\ndegraded = \"refuse\"",
            "path = \"s\"",
            "2 copies, acknowledged by all of them, refused without a second one, on disk in \
             /etc/copal/s",
        ),
        (APP, "", "path = \"/s\"", "1 copy, acknowledged by its owner, on disk in /s"),
    ] {
        let text = format!("{servers}{STORE}{more}\n{SESSION}{session}\n");
        let summary = Summary(&good(&text).config).to_string();
        assert_eq!(summary.lines().nth(1), Some(&*format!("  sessions: {expected}")), "\n{text}");
    }
    assert!(!Summary(&good(TWO).config).to_string().contains("sessions"));
}
