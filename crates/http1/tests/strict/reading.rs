//! How one reader understood a stream of requests.

/// One request as a reader understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) method: String,
    /// Whether the target is absolute.
    pub(crate) absolute: bool,
    /// Path and query, without scheme and authority.
    pub(crate) path: String,
    /// Of an absolute target, else of `Host`; may be missing in HTTP/1.0.
    pub(crate) authority: Option<String>,
    /// `1.0` or `1.1`.
    pub(crate) version: String,
    /// Lower-case names with values as Latin-1, sorted.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The complete requests of a stream, and why reading stopped before its end, if it did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Reading {
    pub(crate) messages: Vec<Message>,
    pub(crate) refused: Option<String>,
}

/// The authority that counts: that of an absolute target, else that of `Host`.
pub(crate) fn authority(absolute: Option<String>, fields: &[(String, String)]) -> Option<String> {
    let host = fields.iter().find(|(name, _)| name == "host");
    absolute.or_else(|| host.map(|(_, value)| value.clone()))
}

/// Bytes as text, one character each.
pub(crate) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// The authority of an absolute target, then the rest.
pub(crate) fn split_target(target: &str) -> (Option<String>, String) {
    let Some((_, rest)) = target.split_once("://").filter(|_| !target.starts_with('/')) else {
        return (None, target.to_owned());
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let slash = if path.starts_with('/') { "" } else { "/" };
    (Some(authority.to_owned()), format!("{slash}{path}"))
}
