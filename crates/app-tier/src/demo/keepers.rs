//! The servers that keep a session.

use serde::Serialize;

/// Whom the letters of an id name; `None` where there is no such server.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Keepers<'v> {
    pub(crate) owner: Option<&'v str>,
    pub(crate) backup: Option<&'v str>,
    pub(crate) third: Option<&'v str>,
}
