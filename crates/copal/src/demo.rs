//! The small cluster of `copal up --demo`: its file, and what to try with it.

use std::fs;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use copal_config::reader;

use crate::child::Child;
use crate::claimed_file::ClaimedFile;
use crate::failure::Failure;
use crate::port_moves::{self, PortMove};
use crate::{bind_test, moved_file, plan, terminal};

/// The folder of the demo, in the working folder.
const FOLDER: &str = "copal-demo";

/// What the operator may edit, in [`FOLDER`].
const FILE: &str = "copal.toml";

/// The name of the copy with other ports, in [`FOLDER`], and of the folder of its control sockets;
/// written again at every start that needs it, with a number behind while another process uses it.
const MOVED_STEM: &str = "running";

/// What [`FILE`] is at first.
const TEXT: &str = include_str!("demo/copal.toml");

/// What stands at the head of the copy.
const MOVED_HEAD: &str = "# Written by `copal up --demo`, because ports in copal.toml are taken.\n\
                          # Edit copal.toml: this copy is written again.\n\n";

/// The configuration of a demo.
#[derive(Debug)]
pub struct Prepared {
    /// The file.
    pub path: PathBuf,
    /// Kept until the end, when the file is a copy: no other demo may write it meanwhile.
    pub claim: Option<ClaimedFile>,
}

/// The configuration of the demo: the operator's file, written first unless it exists, or a copy
/// of it with free ports.
///
/// # Errors
/// When a file cannot be written or read, or a port that is taken cannot be moved.
pub fn prepare() -> Result<Prepared, Failure> {
    let folder = Path::new(FOLDER);
    if folder.exists() && !folder.is_dir() {
        return Err(Failure::NoFolder(folder.to_owned()));
    }
    let path = folder.join(FILE);
    if write_new(&path).map_err(at(&path))? {
        terminal::complain(&format!("wrote {}; it is yours to edit", path.display()));
    }
    // What is wrong with the file, its next reader tells.
    let Ok(checked) = reader::read(&path) else {
        return Ok(Prepared { path, claim: None });
    };
    let plan = plan::here(&checked.config, bind_test::is_here);
    let moves = port_moves::decide(&plan, bind_test::is_taken);
    if moves.is_empty() {
        return Ok(Prepared { path, claim: None });
    }
    let claim = move_ports(folder, &path, &moves)?;
    for PortMove { server, from, to, .. } in &moves {
        terminal::complain(&format!("port {from} is taken, so {server} listens on {to}"));
    }
    terminal::complain(&format!(
        "the other ports stand in {}; the old ones may belong to another `copal up` that runs or \
         is stopping: `ss -ltnp` tells",
        claim.path.display()
    ));
    Ok(Prepared { path: claim.path.clone(), claim: Some(claim) })
}

/// A copy of the file at `path` with other ports, and with a folder of its own for its control
/// sockets: its servers have the names that those of another demo in `folder` have.
fn move_ports(folder: &Path, path: &Path, moves: &[PortMove]) -> Result<ClaimedFile, Failure> {
    let text = fs::read_to_string(path).map_err(at(path))?;
    let claim = ClaimedFile::claim(folder, MOVED_STEM).map_err(at(folder))?;
    let mut claim = claim.ok_or_else(|| Failure::TooManyDemos(folder.to_owned()))?;
    let moved = moved_file::write(&text, moves, &claim.stem)
        .map_err(|error| Failure::NotMoved { path: path.to_owned(), error })?;
    let written = claim.write(&format!("{MOVED_HEAD}{moved}"));
    written.map_err(at(&claim.path))?;
    Ok(claim)
}

/// What an error at `path` is.
fn at(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    let path = path.to_owned();
    move |error| Failure::File { path, error }
}

/// Writes the file unless it exists, and returns whether it did.
fn write_new(path: &Path) -> io::Result<bool> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    match fs::File::create_new(path) {
        Ok(mut file) => file.write_all(TEXT.as_bytes()).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// What to try with the demo, when the web server answers at `web`, `apps` run with the file
/// `config`, and this program was called as `copal`.
#[must_use]
pub fn next_steps<'c>(
    web: SocketAddr,
    apps: impl Iterator<Item = &'c Child>,
    config: &Path,
    copal: &str,
) -> String {
    let config = shell_word(&config.to_string_lossy());
    let copal = shell_word(copal);
    let pids: Vec<String> = apps.map(|app| format!("{} {}", app.id, app.pid)).collect();
    let pids = pids.join(", ");
    format!(
        "
Open http://{web}/ in a browser. Or, in another terminal here:

  # count visits in a session; the jar keeps its cookie
  curl -c jar -b jar http://{web}/counter
  # put something into the session, and look
  curl -b jar -X PUT -d blue http://{web}/session/colour
  curl -b jar http://{web}/session
  # how the servers are; --watch goes on looking
  {copal} status --config {config}
  # which servers the session names
  {copal} session-id --config {config} \"$(awk '/JSESSIONID/ {{print $7}}' jar)\"

Then crash the server that answers you: `kill -9` its process id ({pids})
and ask for /counter again. Another server answers, which has a copy of your session: no visit
fails, and the counter goes on.

Ctrl-C stops everything.
"
    )
}

/// A word as a shell reads it, in quotes when it needs them.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_config::finding::Severity;
    use copal_config::network::Address;
    use copal_config::process_environment::ProcessEnvironment;

    #[test]
    fn the_file_that_is_written_is_good_and_stays_on_the_loopback() {
        let read = reader::read_text(FILE, Path::new(""), TEXT, &ProcessEnvironment);
        let checked = read.unwrap_or_else(|report| panic!("{report}"));
        assert_eq!(checked.warnings.count_of(Severity::Warning), 0, "{}", checked.warnings);
        let plan = plan::here(&checked.config, Address::is_loopback);
        let ids: Vec<_> = plan.iter().map(|server| server.id.as_str()).collect();
        assert_eq!(ids, ["app-a", "app-b", "app-c", "web-a"]);
        let mut listeners = plan.iter().flat_map(|server| &server.listeners);
        assert!(listeners.all(|listener| listener.address.is_loopback()));
    }

    #[test]
    fn moved_ports_are_read_back() {
        let moves = [PortMove {
            server: "web-a".to_owned(),
            door: plan::Door::Http(0),
            from: 8080,
            to: 8081,
        }];
        let moved = format!("{MOVED_HEAD}{}", moved_file::write(TEXT, &moves, MOVED_STEM).unwrap());
        let read = reader::read_text("running.toml", Path::new(""), &moved, &ProcessEnvironment);
        let config = read.unwrap_or_else(|report| panic!("{report}")).config;
        let (_, web) = config.server("web-a").unwrap();
        assert_eq!(web.http[0].port, 8081);
        assert_eq!(config.run_dir, Path::new("running"));
    }

    #[test]
    fn a_path_with_spaces_is_one_word() {
        let web = "127.0.0.1:8080".parse().unwrap();
        let text = next_steps(web, std::iter::empty(), Path::new("a b/c.toml"), "/my dir/it's");
        assert!(text.contains(r"'/my dir/it'\''s' session-id --config 'a b/c.toml' "), "{text}");
        assert_eq!(shell_word("/usr/bin/copal"), "/usr/bin/copal");
    }

    #[test]
    fn an_existing_file_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join(FILE);
        assert!(write_new(&path).unwrap());
        fs::write(&path, "# mine").unwrap();
        assert!(!write_new(&path).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "# mine");
    }
}
