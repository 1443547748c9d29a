//! What a file is asked for with.

use std::time::SystemTime;

use crate::files::conditions::Conditions;

/// What a file is asked for with.
#[derive(Debug, Clone, Copy)]
pub struct FileRequest<'r> {
    /// The decoded path in normal form, without parameters, from the host's root on.
    pub path: &'r [u8],
    /// The path at which the folder stands: `/`, or `/shop` without a slash at its end. `path`
    /// lies in it.
    pub context: &'r [u8],
    /// The path as the client wrote it, encoded; differs from `path` when a rule dispatched to
    /// another one.
    pub visible: &'r [u8],
    /// Whether a folder that is asked for without a slash at its end may send the client to the
    /// same with one. Where a rule dispatched to the folder, the client's path would stay the
    /// same and it would come back for ever.
    pub may_redirect: bool,
    /// Whether only the head is wanted.
    pub head: bool,
    /// The request's preconditions, and the ranges that it wants.
    pub conditions: Conditions<'r>,
    /// The wall clock.
    pub now: SystemTime,
}
