//! The servers whose control sockets stand in a folder.

use std::fs;
use std::io;
use std::path::Path;

use crate::doors::Doors;

/// The servers whose control sockets stand in `folder`, in the order of their ids. Whether they
/// run is another question: a process that was killed leaves its socket behind.
///
/// # Errors
/// When the folder cannot be read; one that is not there has no sockets.
pub fn in_folder(folder: &Path) -> io::Result<Vec<Doors>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut doors = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "sock") {
            doors.extend(Doors::of_socket(path));
        }
    }
    doors.sort_by(|a, b| a.server.cmp(&b.server));
    Ok(doors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_socket_is_a_server() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["web-a.sock", "app-b.sock", "app-a.sock", "note.txt", "sock", ".sock"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let doors = in_folder(folder.path()).unwrap();
        let ids: Vec<&str> = doors.iter().map(|doors| doors.server.as_str()).collect();
        assert_eq!(ids, ["app-a", "app-b", "web-a"]);
        assert_eq!(doors[2].socket, folder.path().join("web-a.sock"));
        assert!(doors.iter().all(|doors| doors.cluster.is_none()));
        assert!(in_folder(&folder.path().join("gone")).unwrap().is_empty());
        assert!(in_folder(&folder.path().join("note.txt")).is_err());
    }
}
