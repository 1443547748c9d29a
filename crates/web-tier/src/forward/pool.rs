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
#[derive(Debug)]
pub(crate) struct Pool {
    servers: RefCell<Vec<Shelf>>,
}

#[derive(Debug)]
struct Shelf {
    idle: Vec<(Upstream, u64)>,
    idle_ticks: u64,
}

/// A server's place in the pools of all threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PoolIndex(pub(crate) usize);

impl Pool {
    /// A pool with a shelf for each of these idle times; a [`PoolIndex`] is a position in them.
    pub(crate) fn new(idle_times: impl IntoIterator<Item = Duration>) -> Self {
        let shelf = |idle_time| Shelf { idle: Vec::new(), idle_ticks: ticks_in(idle_time) };
        Self { servers: RefCell::new(idle_times.into_iter().map(shelf).collect()) }
    }

    /// A connection that is free, young enough and alive; `certainly` makes sure of that.
    pub(crate) fn take(&self, server: PoolIndex, now: u64, certainly: bool) -> Option<Upstream> {
        let mut servers = self.servers.borrow_mut();
        let shelf = servers.get_mut(server.0)?;
        while let Some((upstream, since)) = shelf.idle.pop() {
            if now.saturating_sub(since) >= shelf.idle_ticks {
                // All below it are older still.
                shelf.idle.clear();
                return None;
            }
            if upstream.is_alive(certainly) {
                return Some(upstream);
            }
        }
        None
    }

    /// Keeps a connection for the next request.
    pub(crate) fn put(&self, server: PoolIndex, upstream: Upstream, now: u64) {
        if let Some(shelf) = self.servers.borrow_mut().get_mut(server.0)
            && shelf.idle.len() < MAX_IDLE
            && shelf.idle_ticks > 0
        {
            shelf.idle.push((upstream, now));
        }
    }

    /// Closes what has been idle for too long.
    pub(crate) fn sweep(&self, now: u64) {
        for shelf in self.servers.borrow_mut().iter_mut() {
            let idle_ticks = shelf.idle_ticks;
            shelf.idle.retain(|(_, since)| now.saturating_sub(*since) < idle_ticks);
        }
    }

    /// Drops every idle connection to a server that went down.
    pub(crate) fn forget(&self, server: PoolIndex) {
        if let Some(shelf) = self.servers.borrow_mut().get_mut(server.0) {
            shelf.idle.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_serve::buffer::{Buffer, Buffers};
    use std::rc::Rc;
    use tokio::net::{TcpListener, TcpStream};

    const SERVER: PoolIndex = PoolIndex(0);

    async fn pair() -> (Upstream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (other, _) = listener.accept().await.unwrap();
        let inbox = Buffer::new(&Rc::new(Buffers::default()));
        (Upstream { stream, inbox, proof: None }, other)
    }

    #[tokio::test]
    async fn old_connections_are_not_used() {
        let pool = Pool::new([Duration::from_secs(5)]);
        let (upstream, _server) = pair().await;
        pool.put(SERVER, upstream, 100);
        assert!(pool.take(SERVER, 149, false).is_some());
        let (upstream, _server) = pair().await;
        pool.put(SERVER, upstream, 100);
        assert!(pool.take(SERVER, 150, false).is_none());
    }

    #[tokio::test]
    async fn a_connection_that_the_server_closed_is_not_used() {
        let pool = Pool::new([Duration::from_secs(5)]);
        let (upstream, server) = pair().await;
        drop(server);
        upstream.stream.readable().await.unwrap();
        pool.put(SERVER, upstream, 0);
        assert!(pool.take(SERVER, 1, false).is_none());
    }

    #[tokio::test]
    async fn a_connection_on_which_the_server_spoke_out_of_turn_is_not_used() {
        let pool = Pool::new([Duration::from_secs(5)]);
        let (upstream, server) = pair().await;
        server.try_write(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        upstream.stream.readable().await.unwrap();
        pool.put(SERVER, upstream, 0);
        assert!(pool.take(SERVER, 1, false).is_none());
    }

    #[tokio::test]
    async fn a_close_that_the_runtime_has_not_seen_yet_is_found_when_it_must_be_certain() {
        let pool = Pool::new([Duration::from_secs(5)]);
        let (upstream, server) = pair().await;
        pool.put(SERVER, upstream, 0);
        // No wait between this and the look: only the kernel knows.
        drop(server);
        assert!(pool.take(SERVER, 1, true).is_none());
    }

    #[tokio::test]
    async fn the_sweep_closes_only_the_old_ones() {
        let pool = Pool::new([Duration::from_secs(1)]);
        let (old, _a) = pair().await;
        let (young, _b) = pair().await;
        pool.put(SERVER, old, 0);
        pool.put(SERVER, young, 5);
        pool.sweep(10);
        assert_eq!(pool.servers.borrow()[0].idle.len(), 1);
        pool.forget(SERVER);
        assert!(pool.take(SERVER, 10, false).is_none());
    }
}
