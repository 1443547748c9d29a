//! Where a server is to be found.

use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::lookup_host;
use tokio::task::JoinHandle;

use crate::ring::panics;
use crate::ring::roster::Member;

type Found = io::Result<Vec<SocketAddr>>;

/// Where a server is to be found. Its name is looked up by one thread of the system at a time: one that
/// does not come back is not joined by another at every try.
#[derive(Debug)]
pub(crate) struct Address {
    host: String,
    port: u16,
    under_way: Option<JoinHandle<Found>>,
}

impl Address {
    /// Of this server.
    pub(crate) fn of(member: &Member) -> Self {
        Self { host: member.address.clone(), port: member.port, under_way: None }
    }

    /// Its addresses at this moment. May be given up and asked again.
    pub(crate) async fn find(&mut self) -> Found {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        let (host, port) = (self.host.clone(), self.port);
        self.find_by(async move { Ok(lookup_host((host, port)).await?.collect()) }).await
    }

    async fn find_by(&mut self, look_up: impl Future<Output = Found> + 'static) -> Found {
        let under_way = self.under_way.get_or_insert_with(|| panics::spawn(look_up));
        let found = under_way.await;
        self.under_way = None;
        // Whoever is asked panics, or ends with the thread.
        found.map_err(io::Error::other)?
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;
    use std::time::Duration;

    use tokio::sync::Notify;
    use tokio::task::LocalSet;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn a_name_that_is_being_looked_up_is_not_looked_up_again() {
        let mut address = Address { host: "a".to_owned(), port: 1, under_way: None };
        let (begun, done) = (Rc::new(Cell::new(0)), Rc::new(Notify::new()));
        let look_up = || {
            let (begun, done) = (Rc::clone(&begun), Rc::clone(&done));
            async move {
                begun.set(begun.get() + 1);
                done.notified().await;
                Ok(Vec::new())
            }
        };
        let set = LocalSet::new();
        set.run_until(async {
            for _ in 0..9 {
                let found = timeout(Duration::from_millis(1), address.find_by(look_up())).await;
                assert!(found.is_err(), "it takes longer");
            }
            done.notify_one();
            assert_eq!(address.find_by(look_up()).await.unwrap(), []);
            assert_eq!(begun.get(), 1);
        })
        .await;
    }
}
