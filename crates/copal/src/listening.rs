//! Waits until a server listens, by connecting to it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use copal_protocol::marks::READY_PATH;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a server may take from its start until it listens.
pub const START_TIME: Duration = Duration::from_secs(20);

/// How long nothing is said of the servers because one of them is not ready.
const READY_TIME: Duration = Duration::from_secs(5);

/// Between two tries to connect.
const PAUSE: Duration = Duration::from_millis(25);

/// Where a client of this host reaches a listener: one that is bound to all addresses is reached
/// over the loopback.
#[must_use]
pub fn reached_at(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, bound.port())
}

/// Returns when a connection to `address` succeeds.
///
/// # Errors
/// When none does within [`START_TIME`].
pub async fn wait_for(address: SocketAddr) -> io::Result<()> {
    let connect = async {
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(START_TIME, connect).await.map_err(io::Error::from)
}

/// Returns when the server at this cluster port says that it is ready, or after a while: one that has
/// just started looks for the others first, and may have to wait for them.
pub async fn wait_until_ready(address: SocketAddr) {
    let ready = async {
        while !is_ready(address).await.unwrap_or(false) {
            tokio::time::sleep(PAUSE).await;
        }
    };
    // What it waits for shows in `copal status`.
    let _ = tokio::time::timeout(READY_TIME, ready).await;
}

async fn is_ready(address: SocketAddr) -> io::Result<bool> {
    let mut connection = TcpStream::connect(address).await?;
    let request =
        format!("GET {READY_PATH} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    let mut answer = [0; ANSWER.len()];
    connection.read_exact(&mut answer).await?;
    Ok(&answer == ANSWER)
}

/// How the answer of a server begins that is ready.
const ANSWER: &[u8; 12] = b"HTTP/1.1 200";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_are_reached_over_the_loopback() {
        let table = [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("127.0.0.2:81", "127.0.0.2:81"),
            ("[fe80::1]:82", "[fe80::1]:82"),
        ];
        for (bound, reached) in table {
            assert_eq!(reached_at(bound.parse().unwrap()), reached.parse().unwrap(), "{bound}");
        }
    }
}
