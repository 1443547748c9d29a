//! A port that somebody else has.

use copal_testkit::binary;
use copal_testkit::cluster::Cluster;
use copal_testkit::recipe::Recipe;

/// Starts a second server of the same name beside a running one.
fn second(program: &str, server: &str, written: &[u16]) {
    let cluster = Cluster::start(Recipe::example("three_servers"));
    // With a folder of its own for its control socket, so that nothing but the ports is taken.
    let text = std::fs::read_to_string(cluster.config()).expect("the file");
    let config = cluster.folder().join("second.toml");
    std::fs::write(&config, format!("run-dir = \"second\"\n{text}")).expect("the file");
    let config = config.to_string_lossy().into_owned();
    let arguments = ["--config", &config, "--server", server];
    let output = binary::run_in(cluster.folder(), program, &arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{program}: {errors}");
    let mut ports = written.iter().map(|port| cluster.port(*port).to_string());
    assert!(ports.any(|port| errors.contains(&port)), "{program} names no port: {errors}");
    assert!(errors.contains("taken"), "{program}: {errors}");
}

#[test]
fn a_web_server_names_the_port_and_ends_with_1() {
    second("web-tier", "web-a", &[8080]);
}

#[test]
fn an_app_server_names_the_port_and_ends_with_1() {
    second("app-tier", "app-a", &[6800, 8090]);
}
