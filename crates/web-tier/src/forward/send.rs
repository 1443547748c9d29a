//! Writing to a socket whose other end may be slow.

use std::io::{self, IoSlice};
use std::time::Duration;

use copal_serve::deadlines::Deadline;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Writes everything. The other end has `limit` to take the next bytes, each time.
///
/// # Errors
/// [`io::ErrorKind::TimedOut`] after `limit`, and what the socket says.
pub(crate) async fn all(
    to: &mut (impl AsyncWrite + Unpin),
    mut bytes: &[u8],
    wait: &Deadline,
    limit: Duration,
) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = wait.within(limit, to.write(bytes)).await.map_err(late)??;
        bytes = advance(bytes, written)?;
    }
    // An encrypted connection may hold some of it back until then.
    wait.within(limit, to.flush()).await.map_err(late)?
}

/// Writes a head and what follows it, with one system call when the socket takes it.
///
/// # Errors
/// As [`all`].
pub(crate) async fn both(
    to: &mut (impl AsyncWrite + Unpin),
    mut first: &[u8],
    mut second: &[u8],
    wait: &Deadline,
    limit: Duration,
) -> io::Result<()> {
    while !first.is_empty() {
        let pieces = [IoSlice::new(first), IoSlice::new(second)];
        let written = wait.within(limit, to.write_vectored(&pieces)).await.map_err(late)??;
        let of_second = written.saturating_sub(first.len());
        first = advance(first, written.min(first.len()))?;
        if of_second > 0 {
            second = advance(second, of_second)?;
        } else if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
    }
    all(to, second, wait, limit).await
}

fn advance(bytes: &[u8], written: usize) -> io::Result<&[u8]> {
    match bytes.get(written..) {
        Some(rest) if written > 0 || bytes.is_empty() => Ok(rest),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}

fn late(_: copal_serve::deadlines::Elapsed) -> io::Error {
    io::ErrorKind::TimedOut.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_serve::deadlines::Deadlines;
    use std::rc::Rc;
    use tokio::io::AsyncReadExt;

    #[tokio::test]
    async fn all_of_both_arrives_through_a_narrow_pipe() {
        let wait = Rc::new(Deadlines::default()).slot();
        for room in [1, 3, 7, 64] {
            let (mut to, mut from) = tokio::io::duplex(room);
            let reading = async {
                let mut read = Vec::new();
                from.read_to_end(&mut read).await.unwrap();
                read
            };
            let writing = async {
                both(&mut to, b"head", b"body", &wait, Duration::from_secs(9)).await.unwrap();
                drop(to);
            };
            assert_eq!(tokio::join!(reading, writing).0, b"headbody", "room for {room}");
        }
    }

    #[tokio::test]
    async fn a_reader_that_stopped_is_noticed() {
        let list = Rc::new(Deadlines::default());
        let wait = list.slot();
        let (mut to, _from) = tokio::io::duplex(1);
        let mut writing = std::pin::pin!(all(&mut to, b"hello", &wait, Duration::from_millis(100)));
        let ticking = async {
            for _ in 0..9 {
                tokio::task::yield_now().await;
                list.tick();
            }
            std::future::pending().await
        };
        let error = tokio::select! {
            written = &mut writing => written.unwrap_err(),
            () = ticking => unreachable!("it is pending"),
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
