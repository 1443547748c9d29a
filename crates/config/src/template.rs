//! The target of a rule, with the places that are filled in for each request.

/// A target, parsed once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// What it is made of, in order.
    pub parts: Vec<Part>,
}

/// A piece of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text that stands as it is.
    Text(String),
    /// `$0`, `$1`, `$name`: a group of the rule's `regexp`, by number.
    Group(usize),
    /// `${host}`: the request's host without a port.
    Host,
    /// `${path}`: the normal path, encoded, without the session parameter.
    Path,
    /// `${query}`: the query as received, without the `?`.
    Query,
}
