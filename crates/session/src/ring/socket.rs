//! How long a connection to another server may be without any sign of the other end.

use std::io;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;

use crate::ring::limits::{DEAD, PROBE, PROBES};

/// Has the system end the connection when nothing comes back from the other machine for a few seconds,
/// whether something is sent or not.
///
/// A machine that has lost its power says nothing, and a firewall that has forgotten a connection throws
/// away what is sent on it. By itself the system finds the one out never, and the other after a quarter of
/// an hour.
pub(crate) fn give_up_on_silence(stream: &TcpStream) {
    if let Err(error) = set(&SockRef::from(stream)) {
        tracing::warn!(
            %error,
            "a connection to another server goes on although its machine may be gone"
        );
    }
}

fn set(socket: &SockRef<'_>) -> io::Result<()> {
    let probes = TcpKeepalive::new().with_time(DEAD - PROBE * PROBES);
    socket.set_tcp_keepalive(&probes.with_interval(PROBE).with_retries(PROBES))?;
    socket.set_tcp_user_timeout(Some(DEAD))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ring::line::LinkKind;
    use crate::ring::tests::rig;
    use bytes::BytesMut;
    use copal_tls::stream::Stream;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_connection_in_use_ends_when_the_other_machine_is_silent() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let _theirs = TcpStream::connect(address).await.unwrap();
        let (ours, _) = listener.accept().await.unwrap();
        let kept = SockRef::from(&ours).try_clone().unwrap();
        let engine = rig::engine("b");
        let run = crate::ring::link::run(
            &engine,
            LinkKind::Sessions,
            Stream::Plain(ours),
            BytesMut::new(),
        );
        let mut run = std::pin::pin!(run);
        let first = std::future::poll_fn(|context| {
            std::task::Poll::Ready(run.as_mut().poll(context).is_pending())
        });
        assert!(first.await, "nobody has said anything");
        assert!(kept.keepalive().unwrap());
        let idle = kept.tcp_keepalive_time().unwrap();
        let probed = kept.tcp_keepalive_interval().unwrap() * kept.tcp_keepalive_retries().unwrap();
        assert_eq!(idle + probed, DEAD);
        assert_eq!(kept.tcp_user_timeout().unwrap(), Some(DEAD));
    }
}
