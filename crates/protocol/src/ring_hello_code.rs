//! The bytes of a ring hello.

use crate::limits;
use crate::name::Name;
use crate::ring_hello::{Hello, ServerTable, Versions};
use crate::server_index::ServerIndex;
use crate::state::State;

/// The tags of a hello's fields. A number is never used for something else later.
mod tag {
    pub(super) const VERSIONS: u8 = 1;
    pub(super) const CLUSTER: u8 = 2;
    pub(super) const SERVER: u8 = 3;
    pub(super) const INDEX: u8 = 4;
    pub(super) const INCARNATION: u8 = 5;
    pub(super) const TABLE: u8 = 6;
    pub(super) const STATE: u8 = 7;
}

/// Why bytes are no hello.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadHello {
    /// There should be more.
    #[error("the hello ends too early")]
    Short,
    /// Fields that are not in the order of their tags, or that come twice.
    #[error("the fields of the hello are out of order")]
    Order,
    /// A value that cannot be.
    #[error("the hello has a bad {0}")]
    Value(&'static str),
    /// A field without which the rest means nothing.
    #[error("the hello has no {0}")]
    Missing(&'static str),
}

// The length of a field has two bytes, and the longest one is the table.
const _: () = assert!(ServerIndex::COUNT * (2 + Name::MAX_LENGTH) <= u16::MAX as usize);

/// The bytes of a hello. Equal hellos are equal bytes.
#[must_use]
pub fn write(hello: &Hello) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    let [lowest, highest] =
        [hello.versions.lowest(), hello.versions.highest()].map(u16::to_be_bytes);
    field(&mut out, tag::VERSIONS, &[lowest, highest].concat());
    field(&mut out, tag::CLUSTER, hello.cluster.as_str().as_bytes());
    field(&mut out, tag::SERVER, hello.server.as_str().as_bytes());
    field(&mut out, tag::INDEX, &[byte(hello.index.get())]);
    field(&mut out, tag::INCARNATION, &hello.incarnation.to_be_bytes());
    let mut table = Vec::new();
    for (index, server) in &hello.table {
        table.extend([byte(index.get()), byte(server.as_str().len())]);
        table.extend_from_slice(server.as_str().as_bytes());
    }
    field(&mut out, tag::TABLE, &table);
    field(&mut out, tag::STATE, hello.state.as_str().as_bytes());
    out
}

/// The hello that these bytes are. Fields of a later version are skipped.
///
/// # Errors
/// [`BadHello`], when they are none, or not written in the one way in which it can be.
pub fn read(bytes: &[u8]) -> Result<Hello, BadHello> {
    if bytes.len() > limits::HELLO {
        return Err(BadHello::Value("length"));
    }
    let mut fields = Fields { left: bytes, last: 0 };
    let hello = Hello {
        versions: versions(fields.take(tag::VERSIONS, "versions")?)?,
        cluster: name(fields.take(tag::CLUSTER, "cluster")?, "cluster")?,
        server: name(fields.take(tag::SERVER, "server id")?, "server id")?,
        index: match fields.take(tag::INDEX, "index")? {
            [index] => server_index(*index)?,
            _ => return Err(BadHello::Value("index")),
        },
        incarnation: match <[u8; 8]>::try_from(fields.take(tag::INCARNATION, "incarnation")?) {
            Ok(bytes) => u64::from_be_bytes(bytes),
            Err(_) => return Err(BadHello::Value("incarnation")),
        },
        table: table(fields.take(tag::TABLE, "server table")?)?,
        state: state(fields.take(tag::STATE, "state")?)?,
    };
    while fields.next()?.is_some() {}
    Ok(hello)
}

/// The fields that were not looked at yet.
struct Fields<'a> {
    left: &'a [u8],
    last: u8,
}

impl<'a> Fields<'a> {
    /// The next one, which must be this.
    fn take(&mut self, tag: u8, what: &'static str) -> Result<&'a [u8], BadHello> {
        match self.next()? {
            Some((next, content)) if next == tag => Ok(content),
            _ => Err(BadHello::Missing(what)),
        }
    }

    fn next(&mut self) -> Result<Option<(u8, &'a [u8])>, BadHello> {
        if self.left.is_empty() {
            return Ok(None);
        }
        let (&[tag, high, low], rest) =
            self.left.split_first_chunk::<3>().ok_or(BadHello::Short)?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (content, rest) = rest.split_at_checked(length).ok_or(BadHello::Short)?;
        if tag <= self.last {
            return Err(BadHello::Order);
        }
        (self.left, self.last) = (rest, tag);
        Ok(Some((tag, content)))
    }
}

fn versions(content: &[u8]) -> Result<Versions, BadHello> {
    let versions = match *content {
        [a, b, c, d] => Versions::new(u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])),
        _ => None,
    };
    versions.ok_or(BadHello::Value("list of versions"))
}

fn name(content: &[u8], what: &'static str) -> Result<Name, BadHello> {
    let text = std::str::from_utf8(content).ok();
    text.and_then(Name::new).ok_or(BadHello::Value(what))
}

fn server_index(byte: u8) -> Result<ServerIndex, BadHello> {
    ServerIndex::new(usize::from(byte)).ok_or(BadHello::Value("index"))
}

/// In the order of indexes, so that it is not longer than there are indexes.
fn table(mut content: &[u8]) -> Result<ServerTable, BadHello> {
    const WHAT: &str = "server table";
    let mut table = ServerTable::new();
    while !content.is_empty() {
        let (&[index, length], rest) =
            content.split_first_chunk::<2>().ok_or(BadHello::Value(WHAT))?;
        let (id, rest) = rest.split_at_checked(usize::from(length)).ok_or(BadHello::Value(WHAT))?;
        let index = server_index(index)?;
        if table.last_key_value().is_some_and(|(last, _)| *last >= index) {
            return Err(BadHello::Value(WHAT));
        }
        table.insert(index, name(id, WHAT)?);
        content = rest;
    }
    Ok(table)
}

fn state(content: &[u8]) -> Result<State, BadHello> {
    // There is one way to write each.
    let state = State::parse(content).filter(|state| state.as_str().as_bytes() == content);
    state.ok_or(BadHello::Value("state"))
}

fn field(out: &mut Vec<u8>, tag: u8, content: &[u8]) {
    // The longest one fits: see above.
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    out.push(tag);
    out.extend(length.to_be_bytes());
    out.extend_from_slice(content);
}

fn byte(number: usize) -> u8 {
    // Indexes are below 64, and names have 32 bytes at most.
    u8::try_from(number).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
