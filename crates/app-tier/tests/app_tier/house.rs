//! An app-tier server that runs in this process.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use copal_app_tier::running::Running;
use copal_app_tier::server::Server;
use copal_app_tier::start_error::StartError;
use copal_config::config::Config;
use copal_config::process_environment::ProcessEnvironment;
use copal_config::reader;
use copal_config::web_app::WebApp;
use copal_serve::process::Source;
use copal_testkit::port::Port;
use copal_testkit::raw::Raw;
use tempfile::TempDir;

use crate::operator::Operator;

/// An app-tier server that runs in this process until dropped.
pub(crate) struct House {
    folder: TempDir,
    public: Port,
    cluster: Port,
    running: Option<Running>,
}

/// The demo application on one of two servers.
pub(crate) const DEMO: &str = r#"
[[cluster.app-tier.web-app]]
app = "demo"
"#;

impl House {
    /// The demo application.
    pub(crate) fn demo() -> Self {
        Self::open(DEMO, |server| server)
    }

    /// The demo application with something before it in the file.
    pub(crate) fn demo_with(before: &str) -> Self {
        Self::open(&format!("{before}\n{DEMO}"), |server| server)
    }

    /// The demo application, where every wait is short.
    pub(crate) fn impatient() -> Self {
        Self::impatient_with(|server| server)
    }

    /// The same with applications of its own.
    pub(crate) fn impatient_with(add: impl FnOnce(Server) -> Server) -> Self {
        let limits = "[limits]\nheader-timeout = \"300ms\"\nbody-timeout = \"300ms\"\n\
                      send-timeout = \"300ms\"\ntunnel-idle-timeout = \"300ms\"";
        Self::build(&format!("{limits}\n{DEMO}"), "300ms", add)
    }

    /// A server with this configuration, and with applications of its own.
    pub(crate) fn open(text: &str, add: impl FnOnce(Server) -> Server) -> Self {
        Self::build(text, "60s", add)
    }

    fn build(text: &str, keepalive: &str, add: impl FnOnce(Server) -> Server) -> Self {
        let (folder, public, cluster) = (tempfile::tempdir().unwrap(), Port::take(), Port::take());
        let text = whole(text, keepalive, &public, &cluster);
        let config = config(&text, folder.path()).unwrap();
        let server = add(Server::new(config, "app-a"));
        let running = Some(server.start().unwrap());
        Self { folder, public, cluster, running }
    }

    /// A server that reads its configuration from a file, and can read it again.
    pub(crate) fn of_file(text: &str, add: impl FnOnce(Server) -> Server) -> Self {
        let (folder, public, cluster) = (tempfile::tempdir().unwrap(), Port::take(), Port::take());
        let mut house = Self { folder, public, cluster, running: None };
        let source = house.write(text);
        let config = source.read().unwrap();
        let server = add(Server::new(config, "app-a").source(source));
        house.running = Some(server.start().unwrap());
        house
    }

    /// Writes another configuration into the file.
    pub(crate) fn write(&self, text: &str) -> Source {
        self.write_with(text, "60s")
    }

    /// The same, with something behind the servers.
    pub(crate) fn write_behind(&self, text: &str, behind: &str) -> Source {
        self.write_whole(&(whole(text, "60s", &self.public, &self.cluster) + behind))
    }

    /// The same, with another time for idle clients.
    pub(crate) fn write_with(&self, text: &str, keepalive: &str) -> Source {
        self.write_whole(&whole(text, keepalive, &self.public, &self.cluster))
    }

    fn write_whole(&self, text: &str) -> Source {
        let path = self.folder.path().join("copal.toml");
        std::fs::write(&path, text).unwrap();
        let applications = WebApp::BUILT_IN.iter().map(|name| (*name).to_owned());
        Source { path, applications: applications.collect() }
    }

    /// The folder of the configuration file.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where operators ask.
    pub(crate) fn operator(&self) -> Operator {
        Operator { socket: self.folder.path().join("run/app-a.sock") }
    }

    /// The same, where it does not start.
    pub(crate) fn refused(text: &str, id: &str, add: impl FnOnce(Server) -> Server) -> StartError {
        let (folder, public, cluster) = (tempfile::tempdir().unwrap(), Port::take(), Port::take());
        let text = whole(text, "60s", &public, &cluster);
        let config = config(&text, folder.path()).unwrap();
        match add(Server::new(config, id)).start() {
            Ok(_) => panic!("{id} has started"),
            Err(error) => error,
        }
    }

    /// The demo application with something before it in the file; its public port is taken when it is
    /// started first. Returns what that ended with, and the server that was started afterwards.
    pub(crate) fn at_second_try(before: &str) -> (StartError, Self) {
        let (folder, public, cluster) = (tempfile::tempdir().unwrap(), Port::take(), Port::take());
        let text = whole(&format!("{before}\n{DEMO}"), "60s", &public, &cluster);
        let config = Arc::new(config(&text, folder.path()).unwrap());
        let taken = TcpListener::bind(("127.0.0.1", public.number())).unwrap();
        let error = Server::new(Arc::clone(&config), "app-a").start().unwrap_err();
        drop(taken);
        let running = Some(Server::new(config, "app-a").start().unwrap());
        (error, Self { folder, public, cluster, running })
    }

    pub(crate) fn public(&self) -> u16 {
        self.public.number()
    }

    pub(crate) fn cluster(&self) -> u16 {
        self.cluster.number()
    }

    pub(crate) fn raw(&self) -> Raw {
        Raw::connect(self.public())
    }

    pub(crate) fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// Stops politely and waits for the end.
    pub(crate) fn leave(mut self) -> Result<(), StartError> {
        self.stop()
    }

    /// The same, and its folder stays.
    pub(crate) fn stop(&mut self) -> Result<(), StartError> {
        let running = self.running.take().unwrap();
        running.drain().begin();
        running.wait()
    }

    /// Starts a server of the same id and folder at other ports.
    pub(crate) fn second(&self) -> Result<Running, StartError> {
        let text = whole(DEMO, "60s", &Port::take(), &Port::take());
        Server::new(config(&text, self.folder()).unwrap(), "app-a").start()
    }
}

impl Drop for House {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.drain().cut();
            running.wait().unwrap();
        }
    }
}

/// The whole file of a cluster of two, of which `app-a` is ours.
fn whole(text: &str, keepalive: &str, public: &Port, cluster: &Port) -> String {
    let (public, cluster) = (public.number(), cluster.number());
    format!(
        r#"workers = 2
{text}

[[cluster.app-tier.server]]
id = "app-a"
port = {cluster}
http = [{{ address = "127.0.0.1", port = {public}, keepalive-timeout = "{keepalive}" }}]

[[cluster.app-tier.server]]
id = "app-b"
port = 1
"#
    )
}

fn config(text: &str, folder: &Path) -> Result<Config, String> {
    let checked = reader::read_text("test.toml", folder, text, &ProcessEnvironment);
    checked.map(|checked| checked.config).map_err(|report| report.to_string())
}
