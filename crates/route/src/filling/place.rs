//! Where in a URL the next byte stands.

use crate::escape;

/// Where in a URL the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Place {
    /// Between `//` and the path.
    Host,
    /// From the first slash on.
    #[default]
    Path,
    /// After the `?`.
    Query,
    /// After the `#`.
    Fragment,
}

impl Place {
    /// Where the next byte stands after `byte` of a template's own text.
    pub(super) const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Host, b'/') => Self::Path,
            (Self::Host | Self::Path, b'?') => Self::Query,
            (Self::Host | Self::Path | Self::Query, b'#') => Self::Fragment,
            _ => self,
        }
    }

    /// Whether a byte of a decoded value may stand here as it is, without ending the place and
    /// without being read as an escape or as a parameter.
    pub(super) const fn holds(self, byte: u8) -> bool {
        match self {
            Self::Host => escape::is_unreserved(byte),
            Self::Path => byte == b'/' || (byte != b';' && escape::is_segment_byte(byte)),
            Self::Query | Self::Fragment => byte == b'/' || escape::is_unreserved(byte),
        }
    }
}
