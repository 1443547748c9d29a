//! A large body moved by the kernel, from socket to socket, without passing through us.

use std::cell::Cell;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use copal_serve::deadlines::Deadline;
use rustix::pipe::{SpliceFlags, splice};
use tokio::io::Interest;
use tokio::net::TcpStream;

use crate::forward::failure::Failure;
use crate::forward::pipes::{Pipe, Pipes};

/// A body on its way through a pipe.
#[derive(Debug)]
pub(crate) struct Splice<'s> {
    pub(crate) from: &'s TcpStream,
    pub(crate) to: &'s TcpStream,
    pub(crate) wait: &'s Deadline,
    /// How long the server may be silent.
    pub(crate) server_silence: Duration,
    /// How long the client may take for the next bytes.
    pub(crate) client_silence: Duration,
    /// Moves with every step of the upload.
    pub(crate) uploaded: &'s Cell<u64>,
    /// Whether the upload waits for the client: then the server may have nothing to say yet.
    pub(crate) starves: &'s Cell<bool>,
}

impl Splice<'_> {
    /// Moves `length` bytes, or as many as there are pipes for; returns how many are left.
    ///
    /// A pipe is held only while there are bytes in it: a silent server costs none.
    ///
    /// # Errors
    /// [`Failure::Cut`] and [`Failure::ClientGone`].
    pub(crate) async fn run(&self, pipes: &Pipes, length: u64) -> Result<u64, Failure> {
        let mut left = length;
        while left > 0 {
            let before = self.uploaded.get();
            let ready = self.from.ready(Interest::READABLE);
            match self.wait.within(self.server_silence, ready).await {
                Ok(Ok(_)) => {}
                Err(_) if self.uploaded.get() != before || self.starves.get() => continue,
                Ok(Err(error)) => return Err(Failure::Cut(error.to_string())),
                Err(_) => return Err(Failure::Cut("the server was silent in the body".to_owned())),
            }
            let Some(pipe) = pipes.take() else { return Ok(left) };
            let inside = self.fill(&pipe, left)?;
            // With an error the pipe is dropped, with what is in it.
            self.empty(&pipe, inside).await?;
            pipes.put(pipe);
            left = left.saturating_sub(u64::try_from(inside).unwrap_or(u64::MAX));
        }
        Ok(0)
    }

    /// Moves what is there into the pipe; 0 when there is nothing after all.
    fn fill(&self, pipe: &Pipe, left: u64) -> Result<usize, Failure> {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(pipe.size());
        let filled = self.from.try_io(Interest::READABLE, || step(self.from, pipe.write(), most));
        match filled {
            Ok(0) => Err(Failure::Cut("the connection ended within the body".to_owned())),
            Ok(moved) => Ok(moved),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(Failure::Cut(error.to_string())),
        }
    }

    async fn empty(&self, pipe: &Pipe, mut inside: usize) -> Result<(), Failure> {
        while inside > 0 {
            let emptied =
                self.to.async_io(Interest::WRITABLE, || step(pipe.read(), self.to, inside));
            match self.wait.within(self.client_silence, emptied).await {
                Ok(Ok(moved @ 1..)) => inside = inside.saturating_sub(moved),
                Ok(Ok(0) | Err(_)) | Err(_) => return Err(Failure::ClientGone),
            }
        }
        Ok(())
    }
}

fn step(from: impl AsFd, to: impl AsFd, most: usize) -> io::Result<usize> {
    let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
    loop {
        match splice(&from, None, &to, None, most, flags) {
            Err(rustix::io::Errno::INTR) => {}
            moved => return moved.map_err(io::Error::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_serve::deadlines::Deadlines;
    use std::rc::Rc;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (near, listener.accept().await.unwrap().0)
    }

    fn splice<'s>(from: &'s TcpStream, to: &'s TcpStream, wait: &'s Deadline) -> Splice<'s> {
        let second = Duration::from_secs(1);
        // The upload is over: leaked, because they live as long as the test.
        let (uploaded, starves) = (Box::leak(Box::default()), Box::leak(Box::default()));
        let (server_silence, client_silence) = (second, second);
        Splice { from, to, wait, server_silence, client_silence, uploaded, starves }
    }

    #[tokio::test]
    async fn exactly_so_many_bytes_are_moved() {
        let wait = Rc::new(Deadlines::default()).slot();
        let ((mut server, from), (to, mut client)) = (pair().await, pair().await);
        let body: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
        let pipes = Pipes::default();
        let sending = async {
            server.write_all(&body).await.unwrap();
            server.write_all(b"next").await.unwrap();
        };
        let moving = async {
            let mut to = to;
            assert_eq!(splice(&from, &to, &wait).run(&pipes, 3_000_000).await.unwrap(), 0);
            to.shutdown().await.unwrap();
        };
        let receiving = async {
            let mut received = Vec::new();
            client.read_to_end(&mut received).await.unwrap();
            received
        };
        let ((), (), received) = tokio::join!(sending, moving, receiving);
        assert!(received == body, "{} bytes", received.len());
        let mut rest = [0; 4];
        let mut from = from;
        from.read_exact(&mut rest).await.unwrap();
        assert_eq!(&rest, b"next");
    }

    #[tokio::test]
    async fn an_end_within_the_body_is_told() {
        let wait = Rc::new(Deadlines::default()).slot();
        let ((mut server, from), (to, _client)) = (pair().await, pair().await);
        server.write_all(b"half").await.unwrap();
        drop(server);
        let moved = splice(&from, &to, &wait).run(&Pipes::default(), 8).await;
        assert!(matches!(moved, Err(Failure::Cut(_))), "{moved:?}");
    }
}
