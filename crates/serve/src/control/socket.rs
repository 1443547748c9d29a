//! The file of a control socket: made with care, and removed at the end.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode, fchmod, flock};
use socket2::{Domain, SockAddr, Socket, Type};

use crate::control::limits::{BACKLOG, SOCKET_PATH};
use crate::error::ServeError;

/// The file of a control socket, removed when dropped.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Device and number of the file.
    identity: (u64, u64),
    /// Closed after the file is gone: until then the number stands for no other file, and no
    /// other process takes the file for one that was left behind.
    _held: UnixListener,
}

impl SocketFile {
    fn of(listener: &UnixListener, path: &Path) -> io::Result<Self> {
        let held = listener.try_clone()?;
        Ok(Self { path: path.to_owned(), identity: identity(path)?, _held: held })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Whoever removed it may have made another one since: that is not ours.
        if identity(&self.path).is_ok_and(|found| found == self.identity)
            && let Err(error) = fs::remove_file(&self.path)
        {
            tracing::warn!(path = %self.path.display(), %error, "the control socket stays behind");
        }
    }
}

/// Opens the control socket at `path`, in the place of one that a process left behind when it
/// died. Only this user can ever connect to it.
pub(crate) fn bind(path: &Path) -> Result<(UnixListener, SocketFile), ServeError> {
    let length = path.as_os_str().len();
    if length > SOCKET_PATH {
        return Err(ServeError::LongPath { path: path.to_owned(), length, most: SOCKET_PATH });
    }
    let failed = |source: io::Error| ServeError::Socket { path: path.to_owned(), source };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let in_folder = |source| ServeError::RunDir { path: folder.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(in_folder)?;
    // Two processes that start at once would each take the other's new socket for an old one.
    let lock = File::open(folder).map_err(in_folder)?;
    flock(&lock, FlockOperation::LockExclusive).map_err(|error| in_folder(error.into()))?;
    clear(path)?;
    let listener = open(path).map_err(failed)?;
    let file = SocketFile::of(&listener, path).map_err(failed)?;
    Ok((listener, file))
}

/// Removes what a dead process left there.
fn clear(path: &Path) -> Result<(), ServeError> {
    let failed = |source: io::Error| ServeError::Socket { path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(found) if !found.file_type().is_socket() => {
            return Err(ServeError::NotASocket { path: path.to_owned() });
        }
        Ok(_) => {}
    }
    match connect(path) {
        // In a full queue there are connections of somebody to somebody.
        Ok(()) => return Err(ServeError::runs(path)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(ServeError::runs(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
        Err(error) => return Err(failed(error)),
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

fn connect(path: &Path) -> io::Result<()> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.connect(&SockAddr::unix(path)?)
}

fn open(path: &Path) -> io::Result<UnixListener> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    // The file inherits the mode, so that there is no moment in which it is wider.
    fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    socket.bind(&SockAddr::unix(path)?)?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}
