//! Whether a connection is encrypted, and the first thing that is said on one that is.

use std::net::SocketAddr;

use copal_serve::deadlines::Deadline;
use copal_serve::drain::Phase;
use copal_tls::refused::Refused;
use copal_tls::stream::Stream;
use tokio::net::TcpStream;

use crate::entrance::{Audience, Entrance};
use crate::limits;
use crate::site::Site;

/// The connection as it is spoken on: at a cluster port whose cluster has certificates an encrypted one
/// of a server of ours, else as it is. `None`: whoever came is not let in, and the log says why.
pub(crate) async fn begin(
    site: &Site,
    entrance: &Entrance,
    peer: SocketAddr,
    deadline: &Deadline,
    stream: TcpStream,
) -> Option<Stream> {
    let Some(tls) = site.tls.as_ref().filter(|_| entrance.audience == Audience::Cluster) else {
        return Some(Stream::Plain(stream));
    };
    let stopping = async {
        site.drain.reached(Phase::Draining).await;
        tokio::time::sleep(limits::FIRST_REQUEST).await;
    };
    let accepted = deadline.within(entrance.waits.head, tls.accept(stream));
    let accepted = tokio::select! {
        accepted = accepted => accepted,
        () = stopping => return None,
    };
    match accepted {
        Ok(Ok(stream)) => return Some(stream),
        Ok(Err(Refused::Gone)) => tracing::debug!(%peer, "somebody looked whether we listen"),
        Ok(Err(why)) => {
            tracing::warn!(%peer, %why, "refused a connection to the cluster port");
        }
        Err(_) => tracing::warn!(%peer, "a connection to the cluster port did not begin with TLS"),
    }
    None
}
