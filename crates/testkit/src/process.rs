//! A running program whose lines are collected.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions};

use crate::binary;

#[derive(Default)]
struct Heard {
    /// Lines of standard error.
    log: Vec<String>,
    /// Lines of standard output.
    output: Vec<String>,
    /// How many of the two may still bring lines. A line that was written last arrives after the
    /// news that its writer has ended.
    open: usize,
    exited: bool,
}

#[derive(Default)]
struct Shared {
    heard: Mutex<Heard>,
    changed: Condvar,
}

impl Shared {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running program whose lines are collected; killed when it is dropped.
pub struct Process {
    name: String,
    child: Child,
    status: Option<ExitStatus>,
    shared: Arc<Shared>,
    gently: bool,
}

impl Process {
    /// How long anybody waits for a process to do something.
    pub const PATIENCE: Duration = Duration::from_secs(30);

    /// Starts a program of the product in `folder`; `name` stands before its lines when a test
    /// fails.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start<A: AsRef<OsStr>>(
        name: &str,
        program: &str,
        arguments: &[A],
        folder: &Path,
    ) -> Self {
        Self::start_command(name, Self::command(program, folder).args(arguments))
    }

    /// What starts a program of the product in `folder`.
    #[must_use]
    pub(crate) fn command(program: &str, folder: &Path) -> Command {
        let mut command = Command::new(binary::path(program));
        command.current_dir(folder).env_remove("COPAL_CONFIG");
        command
    }

    /// Starts any command.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start_command(name: &str, command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let started = command.spawn();
        let mut child = started.unwrap_or_else(|error| panic!("{name} cannot start: {error}"));
        let shared = Arc::new(Shared::default());
        if let Some(lines) = child.stderr.take() {
            collect(lines, Arc::clone(&shared), |heard| &mut heard.log);
        }
        if let Some(lines) = child.stdout.take() {
            collect(lines, Arc::clone(&shared), |heard| &mut heard.output);
        }
        let process = Self { name: name.to_owned(), child, status: None, shared, gently: false };
        process.watch();
        process
    }

    /// For a program that has children of its own: when it is dropped, it is asked to stop first,
    /// so that it can end them.
    #[must_use]
    pub fn ending_gently(mut self) -> Self {
        self.gently = true;
        self
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard error so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.shared.heard().log.join("\n")
    }

    /// What it has written to standard output so far.
    #[must_use]
    pub fn output(&self) -> String {
        self.shared.heard().output.join("\n")
    }

    /// Whether it has ended.
    #[must_use]
    pub fn has_exited(&self) -> bool {
        self.shared.heard().exited
    }

    /// Waits for a line of standard error that contains `text`, and returns it.
    ///
    /// # Panics
    /// When the process ends first, or there is none in time.
    #[must_use]
    pub fn wait_for_log(&self, text: &str) -> String {
        self.wait_for_line(text, |heard| &heard.log)
    }

    /// Waits for a line of standard output that contains `text`, and returns it.
    ///
    /// # Panics
    /// When the process ends first, or there is none in time.
    #[must_use]
    pub fn wait_for_output(&self, text: &str) -> String {
        self.wait_for_line(text, |heard| &heard.output)
    }

    /// Waits until `ready` says so; it is asked again whenever the process writes a line, and
    /// otherwise after pauses that grow.
    ///
    /// # Errors
    /// When the process ends first, or it takes longer than [`Process::PATIENCE`].
    pub fn wait_until(&self, mut ready: impl FnMut() -> bool) -> Result<(), String> {
        let deadline = Instant::now() + Self::PATIENCE;
        let mut pause = Duration::from_millis(1);
        while !ready() {
            let heard = self.shared.heard();
            if heard.exited {
                return Err(format!("{} ended before it was ready", self.name));
            }
            if Instant::now() > deadline {
                return Err(format!("{} was not ready in time", self.name));
            }
            drop(self.shared.changed.wait_timeout(heard, pause));
            pause = (pause * 2).min(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Sends a signal.
    ///
    /// # Panics
    /// When the process was waited for already.
    fn signal(&self, signal: Signal) {
        assert!(self.status.is_none(), "{} has ended", self.name);
        let id = Pid::from_child(&self.child);
        // Until it is waited for, the id is this child's, even when it has ended.
        rustix::process::kill_process(id, signal).expect("a signal to a child");
    }

    /// Asks it to stop (SIGTERM) and returns at once.
    ///
    /// # Panics
    /// When the process was waited for already.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// What Ctrl-C does (SIGINT).
    ///
    /// # Panics
    /// When the process was waited for already.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Asks it to read its configuration again (SIGHUP) and returns at once.
    ///
    /// # Panics
    /// When the process was waited for already.
    pub fn hang_up(&self) {
        self.signal(Signal::HUP);
    }

    /// Asks it to stop (SIGTERM) and waits for its end.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait_for_exit()
    }

    /// Kills it and waits for its end.
    ///
    /// # Panics
    /// When the system does not kill it.
    pub fn kill(&mut self) -> ExitStatus {
        self.signal(Signal::KILL);
        self.wait_for_exit()
    }

    /// Stops its clock, as it were: when this returns, it does nothing until [`Process::resume`].
    ///
    /// # Panics
    /// When it ends instead.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
        let id = Pid::from_child(&self.child);
        let options = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let seen = loop {
            match rustix::process::waitid(WaitId::Pid(id), options) {
                Err(rustix::io::Errno::INTR) => {}
                seen => break seen.expect("news of a child"),
            }
        };
        assert!(seen.is_some_and(|seen| seen.stopped()), "{} ended", self.name);
    }

    /// Lets it go on after [`Process::pause`].
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// Takes care that it can open no file more than those that it has open now.
    ///
    /// # Panics
    /// When the system does not tell its files, or does not take the limit.
    pub fn open_no_more_files(&self) {
        let folder = format!("/proc/{}/fd", self.id());
        let names = std::fs::read_dir(folder).expect("the files of a child");
        let names = names.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let open: BTreeSet<u64> = names.collect();
        // The limit is one above the highest number that a new file may get.
        let lowest_free = (0..).find(|number| !open.contains(number));
        let maximum = rustix::process::getrlimit(Resource::Nofile).maximum;
        let limit = Rlimit { current: lowest_free, maximum };
        let id = Pid::from_child(&self.child);
        rustix::process::prlimit(Some(id), Resource::Nofile, limit).expect("a limit of a child");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn wait_for_exit(&mut self) -> ExitStatus {
        if let Some(status) = self.status {
            return status;
        }
        let heard = self.shared.heard();
        let waited = self.shared.changed.wait_timeout_while(heard, Self::PATIENCE, |h| !h.exited);
        let (heard, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        drop(heard);
        assert!(!timeout.timed_out(), "{} does not end; it says:\n{}", self.name, self.log());
        let status = self.child.wait().expect("a child can be waited for");
        self.status = Some(status);
        status
    }

    /// Prints its lines, for the reader of a failed test.
    pub fn print_lines(&self) {
        let heard = self.shared.heard();
        for line in &heard.log {
            eprintln!("{} | {line}", self.name);
        }
        for line in &heard.output {
            eprintln!("{} > {line}", self.name);
        }
    }

    fn wait_for_line(&self, text: &str, lines: fn(&Heard) -> &Vec<String>) -> String {
        let found = |heard: &Heard| lines(heard).iter().find(|line| line.contains(text)).cloned();
        let heard = self.shared.heard();
        let waited = self.shared.changed.wait_timeout_while(heard, Self::PATIENCE, |heard| {
            found(heard).is_none() && heard.open > 0
        });
        let (heard, _) = waited.unwrap_or_else(PoisonError::into_inner);
        found(&heard).unwrap_or_else(|| {
            panic!("{} never says {text:?}; it says:\n{}", self.name, lines(&heard).join("\n"))
        })
    }

    /// Tells the others about the end without taking the child's id away from its owner.
    fn watch(&self) {
        let id = Pid::from_child(&self.child);
        let shared = Arc::clone(&self.shared);
        std::thread::spawn(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while let Err(rustix::io::Errno::INTR) =
                rustix::process::waitid(WaitId::Pid(id), options)
            {}
            shared.heard().exited = true;
            shared.changed.notify_all();
        });
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.status.is_none() && self.gently {
            self.terminate();
            let heard = self.shared.heard();
            drop(self.shared.changed.wait_timeout_while(heard, Self::PATIENCE, |h| !h.exited));
        }
        if self.status.is_none() {
            // It may have ended by itself; then there is nothing to kill.
            drop(self.child.kill());
            drop(self.child.wait());
        }
        if std::thread::panicking() {
            self.print_lines();
        }
    }
}

fn collect(
    lines: impl Read + Send + 'static,
    shared: Arc<Shared>,
    into: fn(&mut Heard) -> &mut Vec<String>,
) {
    shared.heard().open += 1;
    std::thread::spawn(move || {
        for line in BufReader::new(lines).split(b'\n') {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            into(&mut shared.heard()).push(line);
            shared.changed.notify_all();
        }
        shared.heard().open -= 1;
        shared.changed.notify_all();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        Process::start_command("sh", Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn lines_and_the_exit_code_are_seen() {
        let mut process = shell("echo one; echo two >&2; exit 3");
        assert_eq!(process.wait_for_output("on"), "one");
        assert_eq!(process.wait_for_log("tw"), "two");
        assert_eq!(process.wait_for_exit().code(), Some(3));
        assert!(process.has_exited());
    }

    #[test]
    fn a_signal_reaches_the_child() {
        let mut process =
            shell("trap 'echo bye; exit 5' TERM; echo up; while :; do read x <&2; done");
        assert_eq!(process.wait_for_output("up"), "up");
        assert!(!process.has_exited());
        process.kill();
        assert!(process.has_exited());
    }

    #[test]
    fn waiting_for_a_process_that_ends_is_an_error() {
        let process = shell("exit 0");
        assert!(process.wait_until(|| false).is_err());
    }
}
