//! Why a request is refused.

use crate::body::BadBody;
use crate::field_block::BadFields;
use crate::framing::BadFraming;

/// Why a request is refused: always the client's fault. After a refusal its connection closes,
/// because nobody can tell where the next request would begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Many empty lines where a request should begin.
    #[error("too many empty lines before a request")]
    EmptyLines,
    /// A method that is not a token, is too long, or bytes that are not HTTP/1 at all.
    #[error("the request does not begin with a method")]
    Method,
    /// A request line that is not method, target, version with one space between.
    #[error("the request line is not method, target and version with single spaces")]
    RequestLine,
    /// A target that is none of the forms its method may have, or has odd characters.
    #[error("the request target is malformed")]
    Target,
    /// A target above `max-uri`.
    #[error("the request target is too long")]
    TargetTooLong,
    /// No or a malformed version.
    #[error("the version is malformed")]
    Version,
    /// A version other than 1.0 and 1.1.
    #[error("the version is not supported")]
    VersionUnsupported,
    /// No `Host` field in HTTP/1.1.
    #[error("no Host field")]
    HostMissing,
    /// Two `Host` fields, even equal ones.
    #[error("more than one Host field")]
    HostTwice,
    /// A `Host` that is not one host with perhaps a port.
    #[error("the Host field is not a host with an optional port")]
    HostMalformed,
    /// An `Expect` that is not `100-continue`.
    #[error("the expectation is not 100-continue")]
    Expectation,
    /// CONNECT or TRACE, in an otherwise good request.
    #[error("the method is not allowed")]
    MethodNotAllowed,
    /// The field lines are bad.
    #[error(transparent)]
    Fields(#[from] BadFields),
    /// The end of the body cannot be told beyond doubt.
    #[error(transparent)]
    Framing(#[from] BadFraming),
    /// The body is bad.
    #[error(transparent)]
    Body(#[from] BadBody),
}

impl Refusal {
    /// The status of the answer.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::MethodNotAllowed => 405,
            // RFC 9112, 3: "A server that receives a request-target longer than any URI it wishes
            // to parse MUST respond with a 414 (URI Too Long) status code"
            Self::TargetTooLong => 414,
            Self::Expectation => 417,
            // RFC 6585, 5: "the server is unwilling to process the request because its header
            // fields are too large"
            Self::Fields(BadFields::TooLong | BadFields::TooMany | BadFields::TooManyOptions) => {
                431
            }
            // RFC 9112, 6.1: "A server that receives a request message with a transfer coding it
            // does not understand SHOULD respond with 501 (Not Implemented)."
            Self::Framing(BadFraming::CodingUnknown) => 501,
            Self::VersionUnsupported => 505,
            _ => 400,
        }
    }
}
