//! A place on a server, as soon as there is one.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use copal_protocol::state::State;

use crate::balance::choice::Choice;
use crate::balance::cluster::Cluster;
use crate::balance::places::Place;
use crate::balance::positions::Positions;
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
    let rivals = choice.borrow().rivals(picked, cluster);
    let waiting = Box::pin(first(cluster, rivals, picked));
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

/// Where the first place becomes free. No place at all: those that were waited for went down.
async fn first(cluster: &Cluster, rivals: Positions, picked: usize) -> (usize, Option<Place>) {
    let mut waits: Vec<Wait<'_>> = (rivals.filter_map(|position| {
        let server = cluster.servers.get(position)?;
        let wait: Pin<Box<dyn Future<Output = Place> + '_>> = Box::pin(server.record.places.wait());
        Some((position, wait))
    }))
    .collect();
    poll_fn(|context| {
        let is_up = |position: usize| {
            cluster.servers.get(position).is_some_and(|server| server.state() != State::Down)
        };
        let mut hopeful = false;
        // A server that goes down sets the places free of those who leave it: nobody should follow
        // them the other way. Whoever waits looks again when a server comes or goes.
        for (position, wait) in waits.iter_mut().filter(|(position, _)| is_up(*position)) {
            hopeful = true;
            if let Poll::Ready(place) = wait.as_mut().poll(context) {
                return Poll::Ready((*position, Some(place)));
            }
        }
        if hopeful { Poll::Pending } else { Poll::Ready((picked, None)) }
    })
    .await
}

type Wait<'w> = (usize, Pin<Box<dyn Future<Output = Place> + 'w>>);
