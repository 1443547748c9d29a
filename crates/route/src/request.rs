//! What a decision is made from.

use crate::normal_path::NormalPath;

/// What a decision is made from.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// Host and port as received; empty only in HTTP/1.0 without `Host`.
    pub authority: &'r [u8],
    /// The path in normal form.
    pub path: &'r NormalPath<'r>,
    /// The query as received, without the `?`.
    pub query: Option<&'r [u8]>,
}
