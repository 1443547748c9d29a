//! Who asks, and how: what an application may believe about the client.

use std::net::IpAddr;

use http::HeaderValue;

/// Who asks, and how; an extension of every request.
///
/// Between the client and this server may stand a web tier. What it tells is taken over here, and
/// only from those who proved that they may tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientInfo {
    /// The client's address.
    pub address: IpAddr,
    /// Whether the client's own connection is encrypted.
    pub secure: bool,
    /// Host and port as the client wrote them; `None` only in HTTP/1.0.
    pub authority: Option<HeaderValue>,
}
