//! At which answer a server is killed.

/// At which answer a server is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trigger {
    /// Any that says something.
    Answers,
    /// The session, just after somebody wanted it changed.
    ShowsChange,
}
