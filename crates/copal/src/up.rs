//! The command `copal up`: starts the servers of this host and stays with them until the end.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use copal_config::cluster::Tier;
use copal_config::config_file::{self, ConfigFile};
use copal_config::finding::Severity;
use copal_config::web_app::WebApp;

use crate::demo::Prepared;
use crate::failure::{Failure, in_words};
use crate::fleet::Fleet;
use crate::interruption::Interruption;
use crate::plan::{self, Door, Listener, Planned};
use crate::{binaries, bind_test, demo, listening, terminal};

/// Starts every server of the file that belongs on this host, and stops them all in the end.
///
/// # Errors
/// When something is missing before the start, or a server does not begin to listen; all others
/// are stopped then. When no server is left and one of them had ended with an error.
pub fn run(is_demo: bool, config: Option<PathBuf>) -> Result<(), Failure> {
    let Prepared { path, claim: _claim } = if is_demo {
        demo::prepare()?
    } else {
        Prepared { path: ConfigFile::locate(config).required()?, claim: None }
    };
    let checked = config_file::read(&path, WebApp::BUILT_IN, Severity::Warning)?;
    let plan = plan::here(&checked.config, bind_test::is_here);
    if plan.is_empty() {
        return Err(Failure::NothingHere(path));
    }
    let programs = Programs::find(&plan)?;
    require_free_ports(&plan)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(stay(&Task { plan, programs, path, is_demo }))
}

/// All that is decided before anything is started.
struct Task {
    plan: Vec<Planned>,
    programs: Programs,
    path: PathBuf,
    is_demo: bool,
}

/// The programs that the plan needs.
struct Programs(Vec<(Tier, PathBuf)>);

impl Programs {
    fn find(plan: &[Planned]) -> Result<Self, Failure> {
        let own = std::env::current_exe().ok();
        let beside = own.as_deref().and_then(Path::parent);
        let path = std::env::var_os("PATH");
        let mut found = Vec::new();
        for tier in [Tier::App, Tier::Web] {
            if plan.iter().any(|server| server.tier == tier) {
                let name = binaries::name(tier);
                let path = path.as_deref().map(OsStr::new);
                let program = binaries::find(name, beside, path, Path::is_file);
                found.push((tier, program.ok_or(Failure::NoProgram(name))?));
            }
        }
        Ok(Self(found))
    }

    fn of(&self, tier: Tier) -> Result<&Path, Failure> {
        let program = self.0.iter().find(|(of, _)| *of == tier);
        program.map(|(_, path)| path.as_path()).ok_or(Failure::NoProgram(binaries::name(tier)))
    }
}

/// Before anything is started: a server that finds its port taken would end at once, and a
/// connection to test it would reach the other process.
fn require_free_ports(plan: &[Planned]) -> Result<(), Failure> {
    for server in plan {
        for Listener { address, port, .. } in &server.listeners {
            if bind_test::is_taken(address, *port) {
                let (server, address) = (server.id.clone(), address.clone());
                return Err(Failure::PortTaken { server, address, port: *port });
            }
        }
    }
    Ok(())
}

/// Starts, waits for an end or a wish to stop, and stops.
async fn stay(task: &Task) -> Result<(), Failure> {
    let mut interruption = Interruption::listen()?;
    let width = task.plan.iter().map(|server| server.id.len()).max().unwrap_or_default();
    let mut fleet = Fleet::new(width, config_file::has_colours());
    let outcome = tokio::select! {
        outcome = start_and_watch(task, &mut fleet) => outcome,
        () = interruption.next() => Ok(()),
    };
    if fleet.running().next().is_some() {
        let why = outcome.as_ref().err().map(|failure| format!("{failure}: ")).unwrap_or_default();
        terminal::complain(&format!("{why}stopping all servers; Ctrl-C again ends them at once"));
    }
    fleet.stop(&mut interruption).await;
    outcome
}

async fn start_and_watch(task: &Task, fleet: &mut Fleet) -> Result<(), Failure> {
    for tier in [Tier::App, Tier::Web] {
        let servers = || task.plan.iter().filter(|server| server.tier == tier);
        for server in servers() {
            fleet
                .start(server, task.programs.of(tier)?, &task.path)
                .map_err(|error| Failure::NotStarted { server: server.id.clone(), error })?;
        }
        for server in servers() {
            wait_until_it_listens(server, fleet).await?;
        }
        for server in servers().filter(|server| server.tier == Tier::App) {
            let cluster = server.listeners.iter().find(|one| matches!(one.door, Door::Cluster));
            if let Some(address) = cluster.and_then(reached_at) {
                listening::wait_until_ready(address).await;
            }
        }
    }
    announce(task, fleet);
    watch(task, fleet).await
}

async fn wait_until_it_listens(server: &Planned, fleet: &mut Fleet) -> Result<(), Failure> {
    for listener in &server.listeners {
        let Some(address) = reached_at(listener) else {
            continue;
        };
        tokio::select! {
            listens = listening::wait_for(address) => listens.map_err(|_| {
                Failure::NotListening { server: server.id.clone(), address: address.to_string() }
            })?,
            exit = fleet.next_exit() => {
                return Err(Failure::Ended { server: exit.id, status: exit.status });
            }
        }
    }
    Ok(())
}

/// Where a client of this host reaches it; `None` when its name has lost its address.
fn reached_at(listener: &Listener) -> Option<SocketAddr> {
    listener.address.resolve(listener.port).ok().map(listening::reached_at)
}

/// The URLs of the public listeners, and in the demo what to try with them.
fn announce(task: &Task, fleet: &Fleet) {
    let mut text = String::new();
    for server in &task.plan {
        let public = server.listeners.iter().filter(|one| matches!(one.door, Door::Http(_)));
        for address in public.filter_map(reached_at) {
            text.push_str(&format!("{}  http://{address}/\n", server.id));
        }
    }
    let web = task.plan.iter().find(|server| server.tier == Tier::Web);
    let web = web.and_then(|server| server.listeners.first()).and_then(reached_at);
    if let Some(web) = web.filter(|_| task.is_demo) {
        let apps = fleet.running().filter(|child| child.tier == Tier::App);
        let own_name = std::env::args().next().unwrap_or_else(|| "copal".to_owned());
        text.push_str(&demo::next_steps(web, apps, &task.path, &own_name));
    }
    terminal::show(&text);
}

/// Stays until no server is left. When one ends by itself the others go on: they are there to
/// answer in its place.
async fn watch(task: &Task, fleet: &mut Fleet) -> Result<(), Failure> {
    let mut first = None;
    while fleet.running().next().is_some() {
        let exit = fleet.next_exit().await;
        let how = in_words(&exit.status);
        let is_error = !exit.status.as_ref().is_ok_and(std::process::ExitStatus::success);
        terminal::complain(&format!("{} ended with {how}; the others go on", exit.id));
        if is_error && !task.is_demo {
            first.get_or_insert(Failure::Ended { server: exit.id, status: exit.status });
        }
    }
    terminal::complain("no server is left");
    first.map_or(Ok(()), Err)
}
