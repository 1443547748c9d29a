//! A configuration file with its ports changed to free ones, in a folder of its own.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::door::Door;
use crate::port::Port;

/// A web tier `web-a` at port 8080 before one HTTP server of the test's own at port 9001. Keys of the
/// top level may be written in front of it, and more clusters behind it.
pub const BALANCER: &str = r#"
[[cluster.web-tier.server]]
id = "web-a"
http = [{ address = "127.0.0.1", port = 8080 }]

[[cluster.web-tier.rewrite-dispatch]]
load-balance = "backend"

[cluster.backend]
protocol = "http"

[[cluster.backend.server]]
id = "backend-a"
port = 9001
"#;

/// One server of the file, as far as a test needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// The program that runs it: `web-tier` or `app-tier`.
    pub program: &'static str,
    /// Where it listens, as it is now.
    pub doors: Vec<Door>,
}

/// A configuration file with its ports changed to free ones, in a folder of its own.
///
/// Every `port = N` of the text becomes a free port; the same N always the same one. Folders
/// named by `root` that lie beside the file are copied along.
pub struct Recipe {
    text: String,
    taken: Vec<Port>,
    ports: BTreeMap<u16, u16>,
    folder: TempDir,
}

impl Recipe {
    /// The file `config/examples/NAME.toml`.
    ///
    /// # Panics
    /// When it cannot be read or copied.
    #[must_use]
    pub fn example(name: &str) -> Self {
        let path = examples().join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let recipe = Self::text(&text);
        for root in recipe.roots() {
            copy(&examples().join(&root), &recipe.folder.path().join(&root));
        }
        recipe
    }

    /// A file with this text.
    ///
    /// # Panics
    /// When there is no folder for it.
    #[must_use]
    pub fn text(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder for temporary files");
        Self { text: text.to_owned(), taken: Vec::new(), ports: BTreeMap::new(), folder }
    }

    /// The port that is written as `written` shall be `actual`, for servers of the test's own.
    #[must_use]
    pub fn with_port(mut self, written: u16, actual: u16) -> Self {
        self.ports.insert(written, actual);
        self
    }

    /// The text with `from` replaced by `to`.
    ///
    /// # Panics
    /// When `from` does not stand in the text.
    #[must_use]
    pub fn replaced(mut self, from: &str, to: &str) -> Self {
        self.replace(from, to);
        self
    }

    /// Replaces `from` by `to` in the text; the file changes when it is written again.
    ///
    /// # Panics
    /// When `from` does not stand in the text.
    pub fn replace(&mut self, from: &str, to: &str) {
        assert!(self.text.contains(from), "{from:?} does not stand in the file");
        self.text = self.text.replace(from, to);
    }

    /// A file beside the configuration, with folders made as needed.
    ///
    /// # Panics
    /// When it cannot be written.
    #[must_use]
    pub fn with_file(self, path: &str, content: &[u8]) -> Self {
        let path = self.folder.path().join(path);
        let folder = path.parent().expect("a file in the folder has a parent");
        std::fs::create_dir_all(folder).expect("a folder for a file of the test");
        std::fs::write(&path, content).expect("a file of the test");
        self
    }

    /// The folder of the file.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the file and returns its path. Asked again, it takes other ports for those that it
    /// chose itself when `anew` is set.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&mut self, anew: bool) -> PathBuf {
        if anew {
            let chosen: Vec<u16> = self.taken.iter().map(Port::number).collect();
            self.ports.retain(|_, actual| !chosen.contains(actual));
            self.taken.clear();
        }
        let text = self.with_free_ports();
        let path = self.folder.path().join("cluster.toml");
        std::fs::write(&path, text).expect("the configuration of the test");
        path
    }

    /// The port that stands in the file where the recipe says `written`.
    ///
    /// # Panics
    /// When the recipe names no such port, or the file was not written yet.
    #[must_use]
    pub fn port(&self, written: u16) -> u16 {
        let Some(port) = self.ports.get(&written) else {
            panic!("the file has no port {written}; it has {:?}", self.ports);
        };
        *port
    }

    /// The servers of the file that are processes of ours, in the order of the file.
    ///
    /// # Panics
    /// When the file is not TOML.
    #[must_use]
    pub fn members(&self) -> Vec<Member> {
        let table = self.table();
        let mut members = Vec::new();
        let clusters = table.get("cluster").and_then(toml::Value::as_table);
        for (name, cluster) in clusters.into_iter().flatten() {
            let text = |key| cluster.get(key).and_then(toml::Value::as_str);
            if text("protocol") == Some("http") {
                continue;
            }
            let default = if name == "web-tier" { "web" } else { "app" };
            let web = text("tier").unwrap_or(default) == "web";
            let program = if web { "web-tier" } else { "app-tier" };
            let servers = cluster.get("server").and_then(toml::Value::as_array);
            for server in servers.into_iter().flatten() {
                let id = server.get("id").and_then(toml::Value::as_str).unwrap_or_default();
                let http = server.get("http").and_then(toml::Value::as_array);
                let doors = http.into_iter().flatten().chain([server]);
                let doors = doors.filter_map(|door| self.door(door)).collect();
                members.push(Member { id: id.to_owned(), program, doors });
            }
        }
        members
    }

    /// Where something listens that has a `port`, and perhaps an `address`.
    fn door(&self, table: &toml::Value) -> Option<Door> {
        let written = u16::try_from(table.get("port")?.as_integer()?).ok()?;
        let address = table.get("address").and_then(|address| address.as_str()?.parse().ok());
        let address = address.filter(|address: &IpAddr| !address.is_unspecified());
        let address = address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        Some(SocketAddr::from((address, self.port(written))).into())
    }

    fn table(&self) -> toml::Table {
        self.text.parse().unwrap_or_else(|error| panic!("the recipe is not TOML: {error}"))
    }

    /// The relative folders that some `root` names and that lie beside the examples.
    fn roots(&self) -> Vec<String> {
        let lines = self.text.lines().filter_map(|line| line.trim().strip_prefix("root = \""));
        let roots = lines.filter_map(|rest| rest.split('"').next());
        roots.filter(|root| examples().join(root).is_dir()).map(str::to_owned).collect()
    }

    fn with_free_ports(&mut self) -> String {
        let text = self.text.clone();
        let mut parts = text.split("port = ");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            out.push_str("port = ");
            match part[..digits].parse() {
                Ok(written) => out.push_str(&self.free_port(written).to_string()),
                Err(_) => out.push_str(&part[..digits]),
            }
            out.push_str(&part[digits..]);
        }
        out
    }

    fn free_port(&mut self, written: u16) -> u16 {
        if let Some(port) = self.ports.get(&written) {
            return *port;
        }
        let port = Port::take();
        let number = port.number();
        self.taken.push(port);
        self.ports.insert(written, number);
        number
    }
}

/// The folder `config/examples` of the repository.
#[must_use]
pub fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/examples")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder for the files of the example");
    for entry in std::fs::read_dir(from).expect("the files of the example") {
        let entry = entry.expect("a file of the example");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy of a file of the example");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        [[cluster.web-tier.server]]
        id = "web-a"
        http = [{ port = 8080 }, { port = 8081, address = "0.0.0.0" }]
        [[cluster.app-tier.server]]
        id = "app-a"
        port = 6800
        [cluster.foreign]
        protocol = "http"
        server = [{ id = "x", port = 9000 }, { id = "y", port = 6800 }]
    "#;

    #[test]
    fn the_same_port_becomes_the_same_port() {
        let mut recipe = Recipe::text(TEXT).with_port(9000, 4711);
        let written = std::fs::read_to_string(recipe.write(false)).expect("the file");
        let port = recipe.port(6800);
        assert!(port != 6800 && written.matches(&format!("port = {port}")).count() == 2);
        assert!(written.contains("port = 4711"), "{written}");
        let members = recipe.members();
        let ids: Vec<_> = members.iter().map(|m| (m.id.as_str(), m.program)).collect();
        assert_eq!(ids, [("web-a", "web-tier"), ("app-a", "app-tier")]);
        assert_eq!(members[0].doors, [8080, 8081].map(|port| recipe.port(port).into()));
    }

    #[test]
    fn taken_anew_only_the_chosen_ports_change() {
        let mut recipe = Recipe::text(TEXT).with_port(9000, 4711);
        recipe.write(false);
        let before = recipe.port(8080);
        recipe.write(true);
        assert_ne!(recipe.port(8080), before);
        assert_eq!(recipe.port(9000), 4711);
    }
}
