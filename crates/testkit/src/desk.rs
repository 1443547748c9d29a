//! The control socket of a server, as an operator asks it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use copal_protocol::status::{BalancedServer, Status};

use crate::response::{Parsed, Response};

/// The control socket of a server; every question has a connection of its own.
#[derive(Debug, Clone)]
pub struct Desk {
    path: PathBuf,
}

impl Desk {
    /// How long anybody waits for an answer.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// The control socket at `path`.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The answer to a request without a body.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str) -> Response {
        let asked = self.try_ask(method, path);
        asked.unwrap_or_else(|why| panic!("{method} {path} at {}: {why}", self.path.display()))
    }

    /// The answer to `GET`.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn get(&self, path: &str) -> Response {
        self.ask("GET", path)
    }

    /// The answer to `POST`.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn post(&self, path: &str) -> Response {
        self.ask("POST", path)
    }

    /// What the server tells about itself.
    ///
    /// # Panics
    /// When it tells nothing, or it cannot be read.
    #[must_use]
    pub fn status(&self) -> Status {
        let response = self.get("/status");
        let status = serde_json::from_slice(&response.body);
        status.unwrap_or_else(|why| panic!("{why} in {response:?}"))
    }

    /// What it tells about the server `id` to which it balances.
    ///
    /// # Panics
    /// When it knows no such server.
    #[must_use]
    pub fn server(&self, id: &str) -> BalancedServer {
        of(&self.status(), id).clone()
    }

    /// Reads the configuration again.
    ///
    /// # Panics
    /// When it was refused.
    pub fn reload(&self) {
        let response = self.post("/reload");
        assert_eq!(response.status, 200, "{response:?}");
    }

    fn try_ask(&self, method: &str, path: &str) -> Result<Response, String> {
        let mut stream = UnixStream::connect(&self.path).map_err(|error| error.to_string())?;
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let mut answer = Vec::new();
        stream
            .set_read_timeout(Some(Self::PATIENCE))
            .and_then(|()| stream.write_all(request.as_bytes()))
            .and_then(|()| stream.read_to_end(&mut answer))
            .map_err(|error| error.to_string())?;
        match Response::parse(&answer, false, true)? {
            Parsed::Whole(response, _) => Ok(response),
            Parsed::Partial => Err(format!("half an answer: {}", answer.escape_ascii())),
        }
    }
}

/// What a web server tells about the server `id` to which it balances.
///
/// # Panics
/// When it knows no such server.
#[must_use]
pub fn of<'s>(status: &'s Status, id: &str) -> &'s BalancedServer {
    let found = status.servers.iter().find(|server| server.id == id);
    found.unwrap_or_else(|| panic!("{} knows no {id}: {:?}", status.server, status.servers))
}
