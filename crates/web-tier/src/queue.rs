//! A place on a server, as soon as there is one.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use crate::balance::choice::Choice;
use crate::balance::cluster::Cluster;
use crate::balance::places::Place;
use crate::client::Client;
use crate::forward::failure::Failure;

/// A place on the server at `picked`, or on another one that would do as well. Returns where it
/// is; without a bound on the server's requests that costs one load.
///
/// # Errors
/// [`Failure::Crowded`] when none became free in time.
pub(crate) async fn place(
    cluster: &Cluster,
    client: &Client,
    choice: &RefCell<Choice>,
    picked: usize,
) -> Result<(usize, Option<Place>), Failure> {
    let Some(server) = cluster.servers.get(picked) else { return Ok((picked, None)) };
    if let Some(place) = server.record.places.take() {
        return Ok((picked, Some(place)));
    }
    let limit = server.settings.queue_timeout;
    let waiting = Box::pin(first(cluster, choice, picked));
    match client.wait.within(limit, waiting).await {
        // Who gave up waiting needs no place, and the next one does.
        Ok(_) if client.has_left() => Err(Failure::ClientGone),
        Ok((position, place)) => {
            choice.borrow_mut().exchange(picked, position);
            Ok((position, place))
        }
        Err(_) => Err(Failure::Crowded),
    }
}

/// Where the first place becomes free. No place at all: the request is bound to a server that went
/// down, and others are there.
async fn first(
    cluster: &Cluster,
    choice: &RefCell<Choice>,
    picked: usize,
) -> (usize, Option<Place>) {
    let mut waits: Vec<Wait<'_>> = Vec::new();
    poll_fn(|context| {
        // Whoever waits looks again when a server comes or goes. One that goes sets the places free
        // of those who leave it: nobody should follow them the other way, unless there is none but
        // those that are down.
        if choice.borrow().is_deserted(picked, cluster) {
            return Poll::Ready((picked, None));
        }
        let rivals = choice.borrow().rivals(picked, cluster);
        waits.retain(|(position, _)| rivals.contains(*position));
        for position in rivals {
            if let Some(server) = cluster.servers.get(position)
                && waits.iter().all(|(waiting, _)| *waiting != position)
            {
                waits.push((position, Box::pin(server.record.places.wait())));
            }
        }
        for (position, wait) in &mut waits {
            if let Poll::Ready(place) = wait.as_mut().poll(context) {
                return Poll::Ready((*position, Some(place)));
            }
        }
        Poll::Pending
    })
    .await
}

type Wait<'w> = (usize, Pin<Box<dyn Future<Output = Place> + 'w>>);
