//! A web application and the path at which it is found.

use std::path::PathBuf;

use crate::session_config::SessionConfig;

/// A web application and the path at which it is found.
#[derive(Debug, Clone)]
pub struct WebApp {
    /// The line of the file where it begins, from 1.
    pub line: usize,
    /// Context path: `/`, or `/shop` without a slash at its end.
    pub path: String,
    /// Folder of static files, absolute or from the working folder; looked at first.
    pub root: Option<PathBuf>,
    /// A Rust application that is compiled into the binary.
    pub app: Option<String>,
    /// How its sessions are kept.
    pub session: SessionConfig,
}

impl WebApp {
    /// The applications that every app-tier server has.
    pub const BUILT_IN: &[&str] = &["demo"];
}
