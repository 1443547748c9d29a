//! The target of a request as the client wrote it.

use http::Uri;

/// The target of a request as the client wrote it, an extension of every request: the context
/// path, a session id and dot segments are still in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalUri(pub Uri);
