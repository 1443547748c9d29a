//! What is sent for a file.

use std::fs::File;
use std::io;

use crate::files::range::Span;

/// Header fields in the order in which they are written.
pub type Fields = Vec<(&'static str, String)>;

/// What is sent for a file.
#[derive(Debug)]
pub enum FileAnswer {
    /// Nothing here: 404, or the web-app's application is asked.
    NotFound,
    /// 301 to this reference, relative to the request; the caller adds the request's query.
    MovedTo(Vec<u8>),
    /// 304.
    NotModified {
        /// `ETag` and `Last-Modified`.
        fields: Fields,
    },
    /// 412.
    PreconditionFailed,
    /// 416.
    Unsatisfiable {
        /// `Content-Range` with the size.
        fields: Fields,
    },
    /// 200 or 206.
    Send {
        /// Which of the two.
        status: u16,
        /// All fields of the content; without `Content-Length`.
        fields: Fields,
        /// The value of `Content-Length`, in bytes, also when only the head is wanted.
        length: u64,
        /// The content, `length` bytes in all; empty when only the head is wanted.
        segments: Vec<Segment>,
        /// What [`Segment::File`] is read from, by position. When it ends early, it was cut
        /// meanwhile: the connection must be broken off.
        file: File,
    },
    /// 500: the server's own trouble, for example no file descriptor left. May be tried again.
    Failed(io::Error),
}

/// A piece of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A part of the file; never empty unless the file is.
    File(Span),
}

impl Segment {
    /// Its length in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::File(span) => span.length,
        }
    }
}
