//! One server that was started here, from its start to its exit status.

use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use copal_config::cluster::Tier;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child as Process, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::log_prefix::LogPrefix;
use crate::terminal;

/// What a server was told. Later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Run,
    Stop,
    Kill,
}

/// A server that was started here.
#[derive(Debug)]
pub struct Child {
    /// Its id in the file.
    pub id: String,
    /// Which program it is.
    pub tier: Tier,
    /// Its process id.
    pub pid: u32,
    order: watch::Sender<Order>,
}

/// The end of a server.
#[derive(Debug)]
pub struct Exit {
    /// Its id in the file.
    pub id: String,
    /// How it ended; an error when the system does not tell.
    pub status: io::Result<ExitStatus>,
}

impl Child {
    /// Starts `program` for the server `id`, as the leader of a process group of its own, so that
    /// a Ctrl-C at the terminal reaches `copal` alone. Its output goes through `prefix`, its end
    /// to `exits`.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(
        (id, tier): (&str, Tier),
        program: &Path,
        config: &Path,
        prefix: impl Fn() -> LogPrefix,
        exits: mpsc::UnboundedSender<Exit>,
    ) -> io::Result<Self> {
        let mut process = Command::new(program)
            .arg("--config")
            .arg(config)
            .args(["--server", id, "--stop-at-end-of-input"])
            // Its other end closes with this process, however that ends.
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let pid = process.id().unwrap_or_default();
        let mut output = JoinSet::new();
        if let Some(stdout) = process.stdout.take() {
            output.spawn(copy(stdout, prefix()));
        }
        if let Some(stderr) = process.stderr.take() {
            output.spawn(copy(stderr, prefix()));
        }
        let input = process.stdin.take();
        let (order, orders) = watch::channel(Order::Run);
        let (id, name) = (id.to_owned(), id.to_owned());
        tokio::spawn(async move {
            let status = tend(process, orders).await;
            // Until now, an end of its input would have been a wish to stop.
            drop(input);
            while output.join_next().await.is_some() {}
            // Nobody listens when everything is being given up.
            drop(exits.send(Exit { id: name, status }));
        });
        Ok(Self { id, tier, pid, order })
    }

    /// Asks it to finish what runs and to end.
    pub fn stop(&self) {
        self.give(Order::Stop);
    }

    /// Ends it at once.
    pub fn kill(&self) {
        self.give(Order::Kill);
    }

    fn give(&self, order: Order) {
        self.order.send_if_modified(|given| {
            let is_more = order > *given;
            *given = order.max(*given);
            is_more
        });
    }
}

/// Carries orders out until the process has ended.
async fn tend(mut process: Process, mut orders: watch::Receiver<Order>) -> io::Result<ExitStatus> {
    loop {
        tokio::select! {
            status = process.wait() => return status,
            changed = orders.changed() => {
                let order = *orders.borrow_and_update();
                if changed.is_err() || order == Order::Kill {
                    // It fails only when the process has ended by itself.
                    drop(process.start_kill());
                    return process.wait().await;
                }
                terminate(&process);
            }
        }
    }
}

/// Asks a process to end. It was not waited for yet, so its id cannot belong to another one.
fn terminate(process: &Process) {
    let pid = process.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It fails only when the process has ended by itself.
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// Copies one stream of output to standard error, line by line.
async fn copy(mut from: impl AsyncRead + Unpin, mut prefix: LogPrefix) {
    let mut buffer = vec![0; 8 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        terminal::raw(&prefix.feed(buffer.get(..length).unwrap_or_default()));
    }
    terminal::raw(&prefix.end());
}
