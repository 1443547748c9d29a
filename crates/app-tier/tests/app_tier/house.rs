//! An app-tier server that runs in this process.

use std::path::Path;

use copal_app_tier::running::Running;
use copal_app_tier::server::Server;
use copal_app_tier::start_error::StartError;
use copal_config::config::Config;
use copal_config::process_environment::ProcessEnvironment;
use copal_config::reader;
use copal_testkit::port::Port;
use copal_testkit::raw::Raw;

/// An app-tier server that runs in this process until dropped.
pub(crate) struct House {
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
        let (public, cluster) = (Port::take(), Port::take());
        let config = config(text, keepalive, &public, &cluster).unwrap();
        let server = add(Server::new(config, "app-a"));
        let running = Some(server.start().unwrap());
        Self { public, cluster, running }
    }

    /// The same, where it does not start.
    pub(crate) fn refused(text: &str, id: &str, add: impl FnOnce(Server) -> Server) -> StartError {
        let (public, cluster) = (Port::take(), Port::take());
        let config = config(text, "60s", &public, &cluster).unwrap();
        match add(Server::new(config, id)).start() {
            Ok(_) => panic!("{id} has started"),
            Err(error) => error,
        }
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
        let running = self.running.take().unwrap();
        running.drain().begin();
        running.wait()
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

fn config(text: &str, keepalive: &str, public: &Port, cluster: &Port) -> Result<Config, String> {
    let (public, cluster) = (public.number(), cluster.number());
    let text = format!(
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
    );
    let checked = reader::read_text("test.toml", Path::new(""), &text, &ProcessEnvironment);
    checked.map(|checked| checked.config).map_err(|report| report.to_string())
}
