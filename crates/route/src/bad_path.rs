//! Why a path is refused.

/// Why a path is refused. Always the client's fault and always answered with 400; the same path
/// will be refused again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// It does not begin with a slash.
    #[error("the path does not begin with `/`")]
    NotAbsolute,
    /// A `%` without two hexadecimal digits.
    #[error("the path has a `%` without two hexadecimal digits after it")]
    Escape,
    /// A NUL, as an escape too, or another control character in the raw.
    #[error("the path has a control character or `%00`")]
    Control,
    /// A `#`: fragments never travel.
    #[error("the path has a `#`")]
    Fragment,
    /// `%2f`, `%5c` or `\`.
    #[error("the path has `%2f`, `%5c` or a backslash, and `allow-encoded-slash` is off")]
    EncodedSlash,
    /// More `..` than there are segments before it.
    #[error("the path leads above `/`")]
    AboveRoot,
    /// A `.` or `..` that some reader would see and another would not: before a parameter, or
    /// beside an encoded slash.
    #[error("the path has a dot segment with parameters or beside an encoded slash")]
    HiddenDotSegment,
    /// Parameters without a name before them, in the middle: whoever cuts them off sees `//`.
    #[error("the path has an empty segment with parameters")]
    EmptySegment,
}

impl BadPath {
    /// The status with which the request is answered.
    #[must_use]
    pub const fn status(self) -> u16 {
        400
    }
}
