//! Where the demo application is.

use crate::demo::members::Members;

/// Where the demo application is.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) members: Members,
    /// The context path with a slash at its end; links begin with it.
    pub(crate) context: String,
}
