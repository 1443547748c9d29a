//! What an operator can ask of a running server.

use copal_protocol::state::{State, Wish};
use copal_protocol::status::Status;

/// What an operator can ask of a running server, whether by its control socket or its admin
/// listener. It lives on the control thread, and nothing in it may wait for long.
pub trait Desk: 'static {
    /// What the server tells about itself.
    fn status(&self) -> Status;

    /// Its figures, as Prometheus reads them.
    fn metrics(&self) -> String;

    /// Whether it takes requests; the error says why not.
    ///
    /// # Errors
    /// A reason in words.
    fn ready(&self) -> Result<(), String>;

    /// Changes the state of this server, or of one that it balances to.
    ///
    /// # Errors
    /// When it cannot; nothing was changed.
    fn wish(&self, server: &str, wish: Wish) -> Result<State, Refused>;

    /// Reads the configuration again and puts it in force. Never called while another call runs.
    ///
    /// What waits for a disk must do so elsewhere, so that the desk goes on with everything else.
    ///
    /// # Errors
    /// When the file is bad, with everything that is wrong in it; nothing was changed.
    fn reload(&self) -> impl Future<Output = Result<Reloaded, String>>;
}

/// Why a wish was not granted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such server here.
    #[error("{0}")]
    Unknown(String),
    /// The server is not ours to change, or it must stay as it is.
    #[error("{0}")]
    NotHere(String),
}

/// What came of reading the configuration again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reloaded {
    /// What changed, a line each, in words; empty when the file says what it said before.
    pub changed: Vec<String>,
    /// What changed in the file and needs a restart, a line each.
    pub needs_restart: Vec<String>,
}
