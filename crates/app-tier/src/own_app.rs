//! An application that was handed in by the program that runs the server.

use crate::application::Application;

/// An application that was handed in.
pub(crate) struct OwnApp {
    pub(crate) application: Box<dyn Application>,
    /// Whether it never blocks.
    pub(crate) in_place: bool,
}
