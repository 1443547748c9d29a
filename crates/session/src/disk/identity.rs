//! The file that says whose sessions a folder holds.

use std::fmt;

use copal_protocol::server_index::ServerIndex;

/// The version of the format that we write.
pub(crate) const VERSION: u32 = 1;

const TITLE: &str = "copal-sessions";

/// Whose sessions a folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) server: String,
    pub(crate) index: ServerIndex,
}

/// What an identity file says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// Whose the folder is.
    Of(Identity),
    /// That the folder is of another version of the format.
    Version(u32),
    /// Nothing that can be read.
    Nothing,
}

impl Identity {
    /// The file.
    pub(crate) fn write(&self) -> String {
        let Self { server, index } = self;
        let text = format!("{TITLE}\nversion {VERSION}\nserver {server}\nindex {}\n", index.get());
        format!("{text}sum {:08x}\n", crc32fast::hash(text.as_bytes()))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (index {})", self.server, self.index.get())
    }
}

/// What this identity file says.
pub(crate) fn read(file: &[u8]) -> Claim {
    let Ok(text) = str::from_utf8(file) else { return Claim::Nothing };
    match version(text) {
        Some(VERSION) => identity(text).map_or(Claim::Nothing, Claim::Of),
        Some(version) => Claim::Version(version),
        None => Claim::Nothing,
    }
}

fn version(text: &str) -> Option<u32> {
    let mut lines = text.lines();
    (lines.next() == Some(TITLE)).then_some(())?;
    lines.next()?.strip_prefix("version ")?.parse().ok()
}

fn identity(text: &str) -> Option<Identity> {
    let mut lines = text.lines().skip(2);
    let server = lines.next()?.strip_prefix("server ")?.to_owned();
    let index = lines.next()?.strip_prefix("index ")?.parse().ok()?;
    let identity = Identity { server, index: ServerIndex::new(index)? };
    (identity.write() == text).then_some(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_read_as_it_was_written_or_not_at_all() {
        let index = ServerIndex::new(3).unwrap();
        let identity = Identity { server: "app-d".to_owned(), index };
        let text = identity.write();
        assert_eq!(read(text.as_bytes()), Claim::Of(identity.clone()));
        for bit in 0..text.len() * 8 {
            let mut broken = text.clone().into_bytes();
            broken[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(read(&broken), Claim::Of(identity.clone()), "bit {bit}");
        }
    }

    #[test]
    fn another_version_is_told_from_nonsense() {
        assert_eq!(read(b"copal-sessions\nversion 2\nwhatever"), Claim::Version(2));
        for text in ["", "copal-sessions", "copal-sessions\nversion x", "sessions\nversion 2"] {
            assert_eq!(read(text.as_bytes()), Claim::Nothing, "{text}");
        }
    }
}
