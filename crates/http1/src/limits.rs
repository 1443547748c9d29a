//! The bounds of everything that a peer can make long.

/// Bounds of a request head; they come from the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes from the request line to the empty line, both included.
    pub max_head: usize,
    /// Fields.
    pub max_fields: usize,
    /// Bytes of the request target.
    pub max_uri: usize,
}

/// Bytes of a method. The longest registered one has 17.
pub(crate) const METHOD: usize = 32;

/// Empty lines before a request line.
pub(crate) const EMPTY_LINES: usize = 4;

/// Options in all `Connection` fields of a head: each is compared with every field.
pub(crate) const CONNECTION_OPTIONS: usize = 64;

/// Fields of a response head.
pub(crate) const RESPONSE_FIELDS: usize = 256;

/// Hexadecimal digits of a chunk size: 15 cannot overflow 64 bits, nor a signed reader's 63.
pub(crate) const CHUNK_SIZE_DIGITS: u8 = 15;

/// Bytes of all chunk extensions of a body.
pub(crate) const CHUNK_EXTENSIONS: usize = 8 << 10;

/// Bytes of the trailers of a body.
pub(crate) const TRAILERS: usize = 8 << 10;

/// Fields in the trailers of a body.
pub(crate) const TRAILER_FIELDS: usize = 64;

const _: () = assert!(CHUNK_SIZE_DIGITS < 16);
const _: () = assert!(TRAILER_FIELDS < TRAILERS);
