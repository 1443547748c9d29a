//! An operator at the control socket of a server.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use copal_protocol::status::Status;
use copal_serve::desk::Reloaded;
use serde_json::Value;

/// An operator at the control socket of a server.
pub(crate) struct Operator {
    pub(crate) socket: PathBuf,
}

impl Operator {
    /// The status and the body of an answer.
    pub(crate) fn ask(&self, method: &str, path: &str) -> (u16, String) {
        let mut stream = UnixStream::connect(&self.socket).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    pub(crate) fn status(&self) -> Status {
        let (status, body) = self.ask("GET", "/status");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    /// The figure of this line, labels included.
    pub(crate) fn figure(&self, name: &str) -> f64 {
        let (status, text) = self.ask("GET", "/metrics");
        assert_eq!(status, 200, "{text}");
        let values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        let values: Vec<&str> = values.collect();
        assert_eq!(values.len(), 1, "{name} in {text}");
        values.first().unwrap().parse().unwrap()
    }

    pub(crate) fn reload(&self) -> Result<Reloaded, String> {
        let (status, body) = self.ask("POST", "/reload");
        let body: Value = serde_json::from_str(&body).unwrap();
        let lines = |name: &str| {
            let lines = body.get(name).unwrap().as_array().unwrap().iter();
            lines.map(|line| line.as_str().unwrap().to_owned()).collect()
        };
        match status {
            200 => {
                Ok(Reloaded { changed: lines("changed"), needs_restart: lines("needs_restart") })
            }
            422 => Err(body.get("error").unwrap().as_str().unwrap().to_owned()),
            _ => panic!("{status} {body}"),
        }
    }
}
