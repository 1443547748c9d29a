//! The idle connections of one worker thread to all servers.

use std::cell::RefCell;
use std::time::Duration;

use copal_serve::deadlines::ticks_in;

use crate::forward::upstream::Upstream;
use crate::limits::MAX_IDLE;

/// The idle connections of one worker thread to all servers.
///
/// The last one that came back is the first to go out, so that those which are not needed grow
/// old and are closed. Times are ticks of the thread's deadlines.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    /// By the number of the server's record.
    servers: RefCell<Vec<Shelf>>,
}

#[derive(Debug, Default)]
struct Shelf {
    /// Each with the tick from which on it is not used any more.
    idle: Vec<(Upstream, u64)>,
}

impl Pool {
    /// A connection that is free, young enough and alive; `certainly` makes sure of that.
    pub(crate) fn take(&self, server: usize, now: u64, certainly: bool) -> Option<Upstream> {
        let mut servers = self.servers.borrow_mut();
        let shelf = servers.get_mut(server)?;
        while let Some((upstream, until)) = shelf.idle.pop() {
            if now < until && upstream.is_alive(certainly) {
                return Some(upstream);
            }
        }
        None
    }

    /// Keeps a connection for the next request, for as long as `idle_time`.
    pub(crate) fn put(&self, server: usize, upstream: Upstream, now: u64, idle_time: Duration) {
        let mut servers = self.servers.borrow_mut();
        if servers.len() <= server {
            servers.resize_with(server + 1, Shelf::default);
        }
        if let Some(shelf) = servers.get_mut(server)
            && shelf.idle.len() < MAX_IDLE
            && !idle_time.is_zero()
        {
            shelf.idle.push((upstream, now.saturating_add(ticks_in(idle_time))));
        }
    }

    /// Closes what has been idle for too long.
    pub(crate) fn sweep(&self, now: u64) {
        for shelf in self.servers.borrow_mut().iter_mut() {
            shelf.idle.retain(|(_, until)| now < *until);
        }
    }

    /// Drops every idle connection to a server that went down.
    pub(crate) fn forget(&self, server: usize) {
        if let Some(shelf) = self.servers.borrow_mut().get_mut(server) {
            shelf.idle.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_serve::buffer::{Buffer, Buffers};
    use copal_tls::stream::Stream;
    use std::rc::Rc;
    use tokio::net::{TcpListener, TcpStream};

    const SERVER: usize = 2;
    const IDLE: Duration = Duration::from_secs(5);

    async fn pair() -> (Upstream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (other, _) = listener.accept().await.unwrap();
        let inbox = Buffer::new(&Rc::new(Buffers::default()));
        let stream = Stream::Plain(stream);
        (Upstream { stream, inbox, proof: None, believed: false }, other)
    }

    #[tokio::test]
    async fn old_connections_are_not_used() {
        let pool = Pool::default();
        let (upstream, _server) = pair().await;
        pool.put(SERVER, upstream, 100, IDLE);
        assert!(pool.take(SERVER, 149, false).is_some());
        let (upstream, _server) = pair().await;
        pool.put(SERVER, upstream, 100, IDLE);
        assert!(pool.take(SERVER, 150, false).is_none());
    }

    #[tokio::test]
    async fn a_connection_that_the_server_closed_is_not_used() {
        let pool = Pool::default();
        let (upstream, server) = pair().await;
        drop(server);
        upstream.stream.tcp().unwrap().readable().await.unwrap();
        pool.put(SERVER, upstream, 0, IDLE);
        assert!(pool.take(SERVER, 1, false).is_none());
    }

    #[tokio::test]
    async fn a_connection_on_which_the_server_spoke_out_of_turn_is_not_used() {
        let pool = Pool::default();
        let (upstream, server) = pair().await;
        server.try_write(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        upstream.stream.tcp().unwrap().readable().await.unwrap();
        pool.put(SERVER, upstream, 0, IDLE);
        assert!(pool.take(SERVER, 1, false).is_none());
    }

    #[tokio::test]
    async fn a_close_that_the_runtime_has_not_seen_yet_is_found_when_it_must_be_certain() {
        let pool = Pool::default();
        let (upstream, server) = pair().await;
        pool.put(SERVER, upstream, 0, IDLE);
        // No wait between this and the look: only the kernel knows.
        drop(server);
        assert!(pool.take(SERVER, 1, true).is_none());
    }

    #[tokio::test]
    async fn the_sweep_closes_only_the_old_ones() {
        let pool = Pool::default();
        let (old, _a) = pair().await;
        let (young, _b) = pair().await;
        pool.put(SERVER, old, 0, IDLE);
        pool.put(SERVER, young, 5, IDLE);
        pool.sweep(50);
        assert_eq!(pool.servers.borrow()[SERVER].idle.len(), 1);
        pool.forget(SERVER);
        assert!(pool.take(SERVER, 51, false).is_none());
    }
}
