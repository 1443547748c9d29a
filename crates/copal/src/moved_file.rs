//! Writes moved ports into a copy of a configuration file that runs beside the original.

use toml_edit::{DocumentMut, Item, TableLike, TomlError, Value, value};

use crate::plan::Door;
use crate::port_moves::PortMove;

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NotMoved {
    /// The file is not TOML.
    #[error(transparent)]
    Toml(#[from] TomlError),
    /// The port is not written in the server's own table.
    #[error(
        "port {from} of {server} is taken, and it is not written in the table of the server \
         itself; write it there, or choose another one"
    )]
    Elsewhere {
        /// The id of the server.
        server: String,
        /// The port that is taken.
        from: u16,
    },
}

/// The text of the file with every moved port in its place, and with its control sockets in the
/// folder `run_dir`; comments and order stay.
///
/// # Errors
/// When the text is not TOML, or a public listener comes from `server-default`.
pub fn write(text: &str, moves: &[PortMove], run_dir: &str) -> Result<String, NotMoved> {
    let mut document: DocumentMut = text.parse()?;
    match document.get_mut("run-dir") {
        Some(written) => replace(written, value(run_dir)),
        None => {
            document.insert("run-dir", value(run_dir));
        }
    }
    for moved in moves {
        let found = server_table(&mut document, &moved.server, &mut |server| {
            set_port(server, moved).is_some()
        });
        if !found {
            return Err(NotMoved::Elsewhere { server: moved.server.clone(), from: moved.from });
        }
    }
    Ok(document.to_string())
}

/// Hands the table of the server `id` to `change` and returns what that says; `false` when
/// there is no such server.
fn server_table(
    document: &mut DocumentMut,
    id: &str,
    change: &mut dyn FnMut(&mut dyn TableLike) -> bool,
) -> bool {
    let Some(clusters) = document.get_mut("cluster").and_then(Item::as_table_like_mut) else {
        return false;
    };
    for (_, cluster) in clusters.iter_mut() {
        let servers = cluster.as_table_like_mut().and_then(|cluster| cluster.get_mut("server"));
        let Some(servers) = servers else { continue };
        if let Some(server) = tables(servers)
            .into_iter()
            .find(|server| server.get("id").and_then(Item::as_str) == Some(id))
        {
            return change(server);
        }
    }
    false
}

/// The tables of a list, in both ways to write one: `[[name]]` and `name = [{ … }]`.
fn tables(list: &mut Item) -> Vec<&mut dyn TableLike> {
    match list {
        Item::ArrayOfTables(tables) => {
            tables.iter_mut().map(|table| table as &mut dyn TableLike).collect()
        }
        Item::Value(Value::Array(values)) => values
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .map(|table| table as &mut dyn TableLike)
            .collect(),
        _ => Vec::new(),
    }
}

/// Sets the port of one listener; `None` when it is not written in this table.
fn set_port(server: &mut dyn TableLike, moved: &PortMove) -> Option<()> {
    let port = value(i64::from(moved.to));
    match moved.door {
        Door::Cluster => match server.get_mut("port") {
            Some(written) => replace(written, port),
            // The default, or inherited: the server's own key wins over both.
            None => {
                server.insert("port", port);
            }
        },
        Door::Http(position) => {
            let listeners = server.get_mut("http").map(tables)?;
            let listener = listeners.into_iter().nth(position)?;
            replace(listener.get_mut("port")?, port);
        }
    }
    Some(())
}

/// Puts another value in place of one, with the spaces and the comment around it.
fn replace(written: &mut Item, by: Item) {
    let decor = written.as_value().map(|value| value.decor().clone());
    *written = by;
    if let (Some(decor), Some(value)) = (decor, written.as_value_mut()) {
        *value.decor_mut() = decor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(server: &str, door: Door, to: u16) -> PortMove {
        PortMove { server: server.to_owned(), door, from: 1, to }
    }

    #[test]
    fn only_the_ports_change() {
        let text = r#"# mine
[[cluster.web-tier.server]]
id = "web-a"
http = [{ port = 8080 }, { address = "127.0.0.1", port = 8443 }] # two

[cluster.app-tier]
server = [
  { id = "app-a", port = 6800 }, # first
  { id = "app-b" },
]
"#;
        let moves = [
            moved("web-a", Door::Http(1), 8444),
            moved("app-a", Door::Cluster, 6810),
            moved("app-b", Door::Cluster, 6811),
        ];
        let expected = text
            .replace("8443", "8444")
            .replace("port = 6800", "port = 6810")
            .replace(r#"{ id = "app-b" }"#, r#"{ id = "app-b" , port = 6811 }"#);
        let written = write(text, &moves, "here").unwrap();
        let expected = format!("run-dir = \"here\"\n{expected}");
        let without_spaces = |text: &str| text.replace(' ', "");
        assert_eq!(without_spaces(&written), without_spaces(&expected));
        assert!(written.contains("# two") && written.contains("# first"));
    }

    #[test]
    fn control_sockets_move_too() {
        let text = "# first\nworkers = 1\nrun-dir = \"/run/copal\" # mine\n[log]\n";
        let written = write(text, &[], "running-2").unwrap();
        assert_eq!(written, text.replace("/run/copal", "running-2"));
    }

    #[test]
    fn an_inherited_listener_is_not_guessed() {
        let text = "[cluster.w.server-default]\nhttp = [{ port = 1 }]\n\
                    [[cluster.w.server]]\nid = \"a\"\n";
        let refused = write(text, &[moved("a", Door::Http(0), 2)], "run").unwrap_err();
        assert!(refused.to_string().contains("port 1 of a is taken"), "{refused}");
        assert!(write(text, &[moved("b", Door::Cluster, 2)], "run").is_err());
    }
}
