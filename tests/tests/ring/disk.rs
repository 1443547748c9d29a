//! What servers keep on their disks.

use copal_testkit::cluster::Cluster;
use copal_testkit::process::Process;

use crate::crowd::User;
use crate::farm::{self, APPS};

const STORE: &str = "persistent-store = { type = \"cluster\" }";

/// All servers, with disk copies that are synced like this.
fn start(sync: &str) -> Cluster {
    let store = format!(
        "persistent-store = {{ type = \"cluster\", path = \"sessions\", disk-sync = \"{sync}\" }}"
    );
    farm::start_with(farm::recipe().replaced(STORE, &store))
}

fn kill_all_and_start_them(cluster: &mut Cluster) {
    APPS.iter().for_each(|app| assert!(!cluster.kill(app).success()));
    APPS.iter().for_each(|app| cluster.start_server(app));
    APPS.iter().for_each(|app| farm::is_ready(cluster, app));
}

#[test]
fn with_every_change_synced_nothing_is_lost_when_all_servers_are_killed_at_once() {
    let mut cluster = start("always");
    let mut users: Vec<User> =
        APPS.iter().map(|app| User::new(farm::door(&cluster, app))).collect();
    let mut gone = User::new(farm::door(&cluster, "app-a"));
    assert_eq!(gone.visitor.ask("DELETE", "/session").status / 100, 2);
    for round in 0..2 {
        kill_all_and_start_them(&mut cluster);
        for (place, user) in users.iter_mut().enumerate() {
            user.visitor.go_to(farm::door(&cluster, APPS[(place + round) % 3]));
            let before = user.count;
            user.visit().unwrap();
            assert_eq!(user.count, before + 1, "round {round}");
        }
        assert_eq!(gone.visitor.get("/session").status, 404, "it had logged out");
    }
}

#[test]
fn an_old_disk_copy_and_none_and_a_spoilt_one_change_nothing() {
    let mut cluster = start("always");
    let folder = cluster.folder().join("sessions").join("app-a");
    let (old, mut user) = (cluster.folder().join("old"), User::new(farm::door(&cluster, "app-a")));
    farm::are_whole(&cluster, &APPS);
    cluster.kill("app-a");
    copy(&folder, &old);
    cluster.start_server("app-a");
    farm::is_ready(&cluster, "app-a");
    user.visit().unwrap();
    farm::are_whole(&cluster, &APPS);
    for (what, spoil) in [
        ("old", Box::new(|| copy(&old, &folder)) as Box<dyn Fn()>),
        ("none", Box::new(|| std::fs::remove_dir_all(&folder).expect("a folder"))),
        ("spoilt", Box::new(|| spoil_all(&folder))),
    ] {
        cluster.kill("app-a");
        spoil();
        cluster.start_server("app-a");
        farm::is_ready(&cluster, "app-a");
        let before = user.count;
        user.visit().unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
        assert_eq!(user.count, before + 1, "{what}");
        farm::are_whole(&cluster, &APPS);
    }
}

#[test]
fn who_does_not_get_its_disk_copy_does_not_start() {
    let mut cluster = start("always");
    APPS.iter().for_each(|app| assert!(!cluster.kill(app).success()));
    let config = cluster.config().to_string_lossy().into_owned();
    let started = |app: &str, code: i32, words: &str| {
        let arguments = ["--config", &config, "--server", app];
        let mut process = Process::start(app, "app-tier", &arguments, cluster.folder());
        assert_eq!(process.wait_for_exit().code(), Some(code), "{}", process.log());
        assert!(process.log().contains(words), "{words}: {}", process.log());
    };
    let [a, b] = ["app-a", "app-b"].map(|app| cluster.folder().join("sessions").join(app));
    copy(&a, &b);
    started("app-b", 2, "holds the sessions of server app-a");
    // That is a mistake; what the machine does not give is none.
    std::fs::remove_dir_all(&a).expect("a folder");
    std::fs::write(&a, "no folder").expect("a file");
    started("app-a", 1, "sessions/app-a");
    std::fs::remove_file(&a).expect("a file");
    copy(&b, &a);
    cluster.start_server("app-a");
}

/// Puts a folder in the place of another one.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).expect("a folder");
    }
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
        }
    }
}

/// Changes a byte in the middle of every file that is long enough.
fn spoil_all(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let Ok(mut bytes) = std::fs::read(&path) else { continue };
        if bytes.len() > 100 {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0x40;
            std::fs::write(&path, bytes).expect("a file");
        }
    }
}
