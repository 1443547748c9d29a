//! Asks one server one question.

use std::io::{self, Read as _, Write as _};
use std::time::Instant;

use copal_config::server::Admin;
use serde_json::Value;

use crate::answer::{Answer, Arriving};
use crate::connection::Connection;
use crate::doors::Doors;
use crate::printable::printable;
use crate::question::Question;
use crate::silence::Silence;
use crate::{bind_test, limits, listening};

/// What the server behind `doors` answers to `question`: the body of a good answer. Its control
/// socket is asked first; when nobody is there, its admin listener. One that hangs is asked once:
/// both are served by the same thread.
///
/// # Errors
/// When there is no good answer.
pub fn ask(doors: &Doors, question: &Question) -> Result<Vec<u8>, Silence> {
    let at = doors.socket.display().to_string();
    let silence = match Connection::to_socket(&doors.socket) {
        Ok(connection) => return talk(connection, at, &question.request("copal", None), question),
        Err(error) => Silence::of(at, error),
    };
    match (&doors.admin, silence) {
        (_, silence @ Silence::TimedOut(_)) => Err(silence),
        (Some(admin), _) => ask_admin(admin, question),
        (None, Silence::NotRunning(_)) if !bind_test::is_here(&doors.address) => {
            Err(Silence::Elsewhere)
        }
        (None, silence) => Err(silence),
    }
}

fn ask_admin(admin: &Admin, question: &Question) -> Result<Vec<u8>, Silence> {
    let token = match &admin.token {
        Some(token) => Some(sendable(token.bytes()).ok_or(Silence::BadToken)?),
        None => None,
    };
    let named = format!("{}:{}", admin.address, admin.port);
    let address = match admin.address.resolve(admin.port) {
        Ok(address) => listening::reached_at(address),
        Err(error) => return Err(Silence::System { at: named, error }),
    };
    let at = address.to_string();
    let request = question.request(&at, token);
    match Connection::to_address(address) {
        Ok(connection) => talk(connection, at, &request, question),
        Err(error) => Err(Silence::of(at, error)),
    }
}

/// A token that cannot end its field and begin another.
fn sendable(token: &[u8]) -> Option<&str> {
    let token = std::str::from_utf8(token).ok()?;
    token.bytes().all(|byte| byte.is_ascii_graphic()).then_some(token)
}

fn talk(
    mut connection: Connection,
    at: String,
    request: &str,
    question: &Question,
) -> Result<Vec<u8>, Silence> {
    let deadline = Deadline::after(question.patience());
    let sent = deadline.give(&connection).and_then(|()| connection.write_all(request.as_bytes()));
    if let Err(error) = sent {
        return Err(Silence::of(at, error));
    }
    let mut arriving = Arriving::default();
    let mut buffer = vec![0; limits::READ];
    loop {
        let length = match deadline.give(&connection).and_then(|()| connection.read(&mut buffer)) {
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Silence::of(at, error)),
        };
        let bytes = buffer.get(..length).unwrap_or_default();
        let is_complete = arriving.feed(bytes).map_err(|bad| Silence::bad(at.clone(), &bad))?;
        if is_complete || length == 0 {
            return arriving.end().map_err(|bad| Silence::bad(at, &bad)).and_then(judge);
        }
    }
}

/// The body of a good answer; of another one, what it says.
fn judge(answer: Answer) -> Result<Vec<u8>, Silence> {
    if answer.status == 200 {
        return Ok(answer.body);
    }
    let said: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let error = said.as_ref().and_then(|said| said.get("error")).and_then(Value::as_str);
    let status = || format!("with the status {}", answer.status);
    Err(Silence::Refused(error.map_or_else(status, printable)))
}

/// The moment at which the answer must be there, however slowly it drips.
struct Deadline(Instant);

impl Deadline {
    fn after(time: std::time::Duration) -> Self {
        Self(now() + time)
    }

    /// Gives the connection the time that is left.
    fn give(&self, connection: &Connection) -> io::Result<()> {
        let left = self.0.saturating_duration_since(now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        connection.allow(left)
    }
}

#[expect(clippy::disallowed_methods, reason = "the time that an answer takes is measured here")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests;
