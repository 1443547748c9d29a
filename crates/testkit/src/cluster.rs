//! A cluster of real processes on free ports of this host.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;

use copal_protocol::state::State;
use copal_protocol::status::Status;

use crate::desk::{self, Desk};
use crate::door::Door;
use crate::network::Network;
use crate::process::Process;
use crate::raw::Raw;
use crate::recipe::{Member, Recipe};

/// The program of app servers.
const APP: &str = "app-tier";

/// A cluster of real processes; all of them are killed when it is dropped, and their lines are
/// printed when the test fails.
pub struct Cluster {
    recipe: Recipe,
    config: PathBuf,
    members: Vec<Member>,
    running: BTreeMap<String, Process>,
    /// Where each server has a place of its id; `None`: all are on this host.
    network: Option<Arc<Network>>,
    /// What servers find in their environment when they are started.
    environments: BTreeMap<String, Vec<(String, String)>>,
    app_program: &'static str,
}

impl Cluster {
    /// How often other ports are tried when somebody else took one first.
    const TRIES: usize = 3;

    /// Starts every server of the recipe and waits until all of them accept connections.
    ///
    /// # Panics
    /// When one of them does not start.
    #[must_use]
    pub fn start(recipe: Recipe) -> Self {
        Self::prepare(recipe).started()
    }

    /// The same with each server in the place of its id.
    ///
    /// # Panics
    /// When one of them does not start, or has no place.
    #[must_use]
    pub fn start_on(network: Arc<Network>, recipe: Recipe) -> Self {
        Self { network: Some(network), ..Self::prepare(recipe) }.started()
    }

    fn started(mut self) -> Self {
        self.start_all_servers();
        self
    }

    /// Starts every server of a cluster of which none runs, and waits until all of them accept
    /// connections.
    ///
    /// # Panics
    /// When one of them does not start.
    pub fn start_all_servers(&mut self) {
        let mut tries = 1;
        while let Err(why) = self.start_all() {
            let lost_race = self.logs().contains(" is taken");
            assert!(lost_race && tries < Self::TRIES, "{why}\n{}", self.logs());
            tries += 1;
            self.running.clear();
            self.config = self.recipe.write(true);
            self.members = self.recipe.members();
        }
    }

    /// Writes the file and starts nothing.
    #[must_use]
    pub fn prepare(mut recipe: Recipe) -> Self {
        let config = recipe.write(false);
        let members = recipe.members();
        let (running, environments) = (BTreeMap::new(), BTreeMap::new());
        Self { recipe, config, members, running, network: None, environments, app_program: APP }
    }

    /// The configuration file.
    #[must_use]
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The folder of the configuration file.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.recipe.folder()
    }

    /// The port that the servers use where the recipe says `written`.
    #[must_use]
    pub fn port(&self, written: u16) -> u16 {
        self.recipe.port(written)
    }

    /// Where the server `id` listens where the recipe says `written`.
    #[must_use]
    pub fn door(&self, id: &str, written: u16) -> Door {
        let port = self.port(written);
        let there = |network: &Arc<Network>| SocketAddr::from((network.address(id), port)).into();
        self.network.as_ref().map_or(port.into(), there)
    }

    /// A running server.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn server(&self, id: &str) -> &Process {
        self.running.get(id).unwrap_or_else(|| panic!("{id} does not run"))
    }

    /// Writes the file again with `from` replaced by `to`. Nobody reads it before being told to.
    ///
    /// # Panics
    /// When `from` does not stand in the recipe, or the file cannot be written.
    pub fn rewrite(&mut self, from: &str, to: &str) {
        self.recipe.replace(from, to);
        self.config = self.recipe.write(false);
    }

    /// The control socket of a server.
    #[must_use]
    pub fn desk(&self, id: &str) -> Desk {
        Desk::at(&self.folder().join("run").join(format!("{id}.sock")))
    }

    /// Waits until the server `id` tells about itself what `wanted` wants, and returns that.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn wait_status(&self, id: &str, what: &str, wanted: impl Fn(&Status) -> bool) -> Status {
        let desk = self.desk(id);
        let mut status = desk.status();
        let waited = self.server(id).wait_until(|| {
            status = desk.status();
            wanted(&status)
        });
        waited.unwrap_or_else(|why| panic!("never happened: {what}: {why}; {status:?}"));
        status
    }

    /// Waits until the web server `web` sees the server `id` in this state.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn wait_state(&self, web: &str, id: &str, state: State) {
        let what = format!("{web} sees {id} as {state}");
        self.wait_status(web, &what, |status| desk::of(status, id).state == state);
    }

    /// The app servers run this program from their next start on.
    pub fn set_app_program(&mut self, program: &'static str) {
        self.app_program = program;
    }

    /// What the server `id` finds in its environment from its next start on.
    pub fn set_environment(&mut self, id: &str, variables: Vec<(String, String)>) {
        self.environments.insert(id.to_owned(), variables);
    }

    /// Starts one server and waits until it accepts connections.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_server(&mut self, id: &str) {
        self.try_start_server(id).unwrap_or_else(|why| panic!("{why}\n{}", self.logs()));
    }

    /// Asks a server to stop (SIGTERM) and waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(&mut self, id: &str) -> ExitStatus {
        self.take(id).stop()
    }

    /// Kills a server.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self, id: &str) -> ExitStatus {
        self.take(id).kill()
    }

    /// Takes a running server out of the cluster, for tests that watch it end.
    ///
    /// # Panics
    /// When it does not run.
    #[must_use]
    pub fn take(&mut self, id: &str) -> Process {
        self.running.remove(id).unwrap_or_else(|| panic!("{id} does not run"))
    }

    fn start_all(&mut self) -> Result<(), String> {
        let ids: Vec<String> = self.members.iter().map(|member| member.id.clone()).collect();
        // All of them first, so that they start side by side.
        for id in &ids {
            self.spawn(id);
        }
        ids.iter().try_for_each(|id| self.wait_until_ready(id))
    }

    fn try_start_server(&mut self, id: &str) -> Result<(), String> {
        // The file may have more doors by now: all that it names are waited for.
        self.members = self.recipe.members();
        self.spawn(id);
        self.wait_until_ready(id)
    }

    fn spawn(&mut self, id: &str) {
        assert!(!self.running.contains_key(id), "{id} runs already");
        let config = self.config.to_string_lossy().into_owned();
        let arguments = ["--config", &config, "--server", id];
        let program = match self.member(id).program {
            APP => self.app_program,
            other => other,
        };
        let mut command = Process::command(program, self.recipe.folder());
        let variables = self.environments.get(id).into_iter().flatten();
        command.args(arguments).envs(variables.map(|(name, value)| (name, value)));
        let process = self.at(id, || Process::start_command(id, &mut command));
        self.running.insert(id.to_owned(), process);
    }

    fn wait_until_ready(&self, id: &str) -> Result<(), String> {
        let process = self.server(id);
        for door in &self.member(id).doors {
            // From where it is: nobody else may reach it.
            process.wait_until(|| self.at(id, || Raw::try_connect(*door).is_ok()))?;
        }
        Ok(())
    }

    /// Does something where the server `id` is.
    fn at<T: Send>(&self, id: &str, what: impl FnOnce() -> T + Send) -> T {
        match &self.network {
            Some(network) => network.within(id, what),
            None => what(),
        }
    }

    fn member(&self, id: &str) -> &Member {
        let member = self.members.iter().find(|member| member.id == id);
        member.unwrap_or_else(|| panic!("the file has no server {id}"))
    }

    fn logs(&self) -> String {
        let logs = self.running.iter().map(|(id, process)| format!("--- {id}\n{}", process.log()));
        logs.collect::<Vec<_>>().join("\n")
    }
}
