//! One server after the other, as long as another try can do no harm.

use std::cell::{Cell, RefCell};

use copal_config::cluster::Protocol;
use copal_config::cluster_index::ClusterIndex;
use copal_serve::buffer::Scratch;

use crate::after::After;
use crate::balance::choice::Choice;
use crate::balance::cluster::Cluster;
use crate::balance::server::Server;
use crate::client::Client;
use crate::facts::Facts;
use crate::forward::attempt::Attempt;
use crate::forward::failure::Failure;
use crate::forward::outgoing::Outgoing;
use crate::forward::second_try::{Prospects, SecondTry};
use crate::own::Own;
use crate::queue;
use crate::respond;
use crate::tally::{Again, Fault, Unanswered};
use crate::worker::Worker;

/// A request that a rule gives to a cluster.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) index: ClusterIndex,
    pub(crate) choice: Choice,
    /// The head as it goes to the servers.
    pub(crate) head: Scratch,
}

/// Has the request answered by one of the servers.
pub(crate) async fn forward(
    worker: &Worker,
    client: &mut Client,
    facts: &Facts,
    asked: Asked,
) -> After {
    let Some(cluster) = worker.site.cluster(asked.index) else {
        return respond::own(worker, client, facts, &Own::new(503)).await;
    };
    let outgoing = Outgoing::new(asked.head, facts, client, &worker.site.limits);
    let mut outgoing = match outgoing {
        Ok(outgoing) => outgoing,
        Err(failure) => {
            worker.tally.unanswered(failure.unanswered());
            return respond::failed(worker, client, facts, &failure).await;
        }
    };
    let begun = Cell::new(false);
    let prospects = Candidates { worker, cluster, choice: RefCell::new(asked.choice) };
    let second = SecondTry {
        idempotent: facts.idempotent,
        foreign: cluster.protocol == Protocol::Http,
        believed: Cell::new(false),
        held: Cell::new(true),
        used: Cell::new(false),
        hung_before: Cell::new(false),
        prospects: &prospects,
    };
    let tries = Tries { candidates: &prospects, facts, second: &second, begun: &begun };
    let failure = match tries.run(client, &mut outgoing).await {
        Ok(after) => return after,
        Err(failure) => failure,
    };
    report(worker, client, cluster, &failure);
    if begun.get() {
        return After::Reset;
    }
    if outgoing.upload.is_done() {
        return respond::instead(worker, client, facts, &failure).await;
    }
    respond::failed(worker, client, facts, &failure).await
}

/// Counts a request that no server answered. What is nobody's fault but ours is said, at most once
/// a second: an operator should not have to guess, and a log must not fill the disk.
fn report(worker: &Worker, client: &Client, cluster: &Cluster, failure: &Failure) {
    let reason = failure.unanswered();
    worker.tally.unanswered(reason);
    if matches!(reason, Unanswered::NoServer | Unanswered::Queue)
        && worker.site.household.may_complain()
    {
        let client = client.peer.address;
        tracing::warn!(cluster = cluster.name, %client, why = %failure, "a request got a 503");
    }
}

/// The servers that one request may be sent to.
#[derive(Debug)]
struct Candidates<'c> {
    worker: &'c Worker,
    cluster: &'c Cluster,
    choice: RefCell<Choice>,
}

impl Prospects for Candidates<'_> {
    fn others(&self) -> bool {
        let choice = self.choice.borrow();
        choice.others(self.cluster) || choice.refuge(self.cluster)
    }

    fn refuge(&self) -> bool {
        self.choice.borrow().refuge(self.cluster)
    }

    fn spend(&self) -> bool {
        self.worker.site.household.spend()
    }
}

/// One request and all its tries.
struct Tries<'t> {
    candidates: &'t Candidates<'t>,
    facts: &'t Facts,
    second: &'t SecondTry<'t>,
    /// Set with the first byte of the final answer that went to the client.
    begun: &'t Cell<bool>,
}

impl Tries<'_> {
    /// Tries one server after the other. The error is the gravest failure.
    async fn run(&self, client: &mut Client, outgoing: &mut Outgoing) -> Result<After, Failure> {
        let Candidates { worker, cluster, choice } = self.candidates;
        let mut gravest = None;
        let mut again = None;
        loop {
            let rings = worker.site.household.bell.number();
            let Some(picked) = choice.borrow_mut().next(*cluster) else { break };
            if let Some(reason) = again.take() {
                worker.tally.again(reason);
            }
            let (position, place) = match queue::place(cluster, client, choice, picked).await {
                Ok(found) => found,
                // That the next one had no place says less than what this one did.
                Err(Failure::Crowded) if gravest.is_some() => break,
                Err(failure) => return Err(failure),
            };
            // Without a place: the server went down while others had them all.
            let Some(server) = cluster.servers.get(position).filter(|_| place.is_some()) else {
                choice.borrow_mut().not_sent(position);
                continue;
            };
            self.second.hung_before.set(server.hangs());
            let failure = match self.attempt(client, server, rings, outgoing).await {
                Ok(after) => return Ok(after),
                Err(failure) => failure,
            };
            drop(place);
            again = failure.reason().filter(|reason| self.may_go_on(*reason));
            // That others could not be reached either says less than what one of them did.
            if matches!(failure, Failure::Unreached(_)) {
                choice.borrow_mut().not_sent(position);
            } else {
                choice.borrow_mut().readmit(*cluster);
                self.log(client, server, &failure);
                gravest = Some(failure);
            }
            if again.is_none() {
                break;
            }
        }
        // Made here, because nearly every request comes back before.
        Err(gravest.unwrap_or_else(|| Failure::Unreached("no server was reached".to_owned())))
    }

    async fn attempt(
        &self,
        client: &mut Client,
        server: &Server,
        rings: u64,
        outgoing: &mut Outgoing,
    ) -> Result<After, Failure> {
        let Candidates { worker, cluster, .. } = self.candidates;
        let tally = worker.server_tally(&server.record);
        let flight = server.record.fly();
        let attempt = Attempt {
            worker,
            cluster,
            server,
            facts: self.facts,
            begun: self.begun,
            second: self.second,
            tally: &tally,
            rings,
        };
        let done = attempt.run(client, outgoing).await;
        drop(flight);
        if let Err(failure) = &done
            && let Some(fault) = failure.fault()
        {
            tally.failure(fault);
        }
        done
    }

    /// Whether the next server may be tried for this reason.
    fn may_go_on(&self, reason: Again) -> bool {
        let allowed = match reason {
            // Asked already when the failure was found: only then was it one.
            Again::Down | Again::NotBegun | Again::Unavailable => true,
            Again::Unreached | Again::NoAnswer => self.second.allows(reason),
        };
        if allowed {
            self.second.goes_on(reason);
        }
        allowed
    }

    fn log(&self, client: &Client, server: &Server, failure: &Failure) {
        let (server, client) = (&server.id, client.peer.address);
        match failure.fault() {
            Some(Fault::Unavailable) | None => {
                tracing::debug!(server, %client, why = %failure, "not answered");
            }
            Some(_) => tracing::warn!(server, %client, why = %failure, "no good answer"),
        }
    }
}
