//! THE ROAD: one request, from its head to its answer.
//!
//! The numbers are those of "One request, in order" in `docs/request.md`. What is decided is
//! decided in [`Plan::of`], without a wait; what is done is done here.

use std::cell::Cell;

use copal_serve::buffer::Scratch;

use crate::after::After;
use crate::balance::attempts::Attempts;
use crate::balance::server::Server;
use crate::client::Client;
use crate::facts::Facts;
use crate::file_answer;
use crate::forward::attempt::Attempt;
use crate::forward::failure::Failure;
use crate::own::Own;
use crate::plan::{Plan, Target};
use crate::respond;
use crate::worker::Worker;

/// One request of a connection on which bytes have arrived.
pub(crate) async fn exchange(worker: &Worker, client: &mut Client) -> After {
    let mut head = Scratch::new(&worker.bench.buffers);
    // 2. Read and judge the head; one normal form is made, and everything after it uses that.
    // 3. Host, then rules. 5. Balance: who is asked, in which order.
    let plan = match next_plan(worker, client, &mut head).await {
        Ok(plan) => plan,
        Err(status) => return respond::refused(worker, client, status).await,
    };
    client.inbox.consume(plan.facts.head_length);
    match plan.target {
        // 6. Forward; 7. Answer.
        Target::Cluster { index, attempts } => {
            let forward = Forward { worker, facts: &plan.facts, index, head: &head };
            forward.run(client, attempts).await
        }
        Target::File(request) => file_answer::send(worker, client, &plan.facts, request).await,
        Target::Own(own) => respond::own(worker, client, &plan.facts, &own).await,
    }
}

/// Reads until the head is complete. The error is the status of a refusal.
async fn next_plan(worker: &Worker, client: &mut Client, out: &mut Vec<u8>) -> Result<Plan, u16> {
    let deadlines = &worker.bench.deadlines;
    let limit = worker.site.limits.header_timeout;
    let due = deadlines.ticks() + copal_serve::deadlines::ticks_in(limit);
    loop {
        let planned = Plan::of(worker, &client.peer, client.inbox.data(), out);
        if let Some(plan) = planned.map_err(|refusal| respond::status_of(refusal, client))? {
            return Ok(plan);
        }
        let left = u32::try_from(due.saturating_sub(deadlines.ticks())).unwrap_or(u32::MAX);
        let Client { stream, inbox, wait, .. } = client;
        let read = wait.within(copal_serve::deadlines::TICK * left, inbox.read(stream)).await;
        match read {
            Ok(Ok(1..)) => {}
            // RFC 9110, 15.5.9: "the server did not receive a complete request message within the
            // time that it was prepared to wait."
            Ok(_) => return Err(400),
            Err(_) => return Err(408),
        }
    }
}

/// A request on its way to one server of a cluster.
struct Forward<'f> {
    worker: &'f Worker,
    facts: &'f Facts,
    index: copal_config::cluster_index::ClusterIndex,
    /// As it goes to the servers.
    head: &'f [u8],
}

impl Forward<'_> {
    /// Tries one server after the other, as long as that can do no harm.
    async fn run(&self, client: &mut Client, mut attempts: Attempts) -> After {
        let Some(cluster) = self.worker.site.cluster(self.index) else {
            return respond::own(self.worker, client, self.facts, &Own::new(503)).await;
        };
        self.worker.budget.request(self.worker.bench.deadlines.ticks());
        let begun = Cell::new(false);
        let mut gravest = Failure::Unreached("the cluster has no server".to_owned());
        let is_up = |position: usize| cluster.servers.get(position).is_some_and(|s| s.is_up());
        while let Some(position) = attempts.next(is_up) {
            let Some(server) = cluster.servers.get(position) else { continue };
            let attempt = Attempt {
                worker: self.worker,
                cluster,
                server,
                pool_index: self.worker.site.pool_index(self.index, position),
                facts: self.facts,
                head: self.head,
                begun: &begun,
            };
            let failure = match attempt.run(client).await {
                Ok(after) => return after,
                Err(failure) => failure,
            };
            let again = self.may_go_on(&failure, &gravest);
            // That others could not be reached either says less than what one of them did.
            if !matches!(failure, Failure::Unreached(_)) {
                self.log(server, &failure);
                gravest = failure;
            }
            if !again {
                break;
            }
        }
        respond::failed(self.worker, client, self.facts, &gravest, begun.get()).await
    }

    /// Whether the next server may be tried after this failure.
    fn may_go_on(&self, failure: &Failure, before: &Failure) -> bool {
        match failure {
            // Nothing was sent yet: any method may go to the next candidate.
            Failure::Unreached(_) => true,
            // It was sent, not one byte came back, and the connection broke: once more, on
            // another server, if doing it twice is the same as doing it once.
            Failure::NoAnswer => {
                let first = matches!(before, Failure::Unreached(_));
                let repeatable = self.facts.idempotent && !self.facts.has_body();
                let ticks = self.worker.bench.deadlines.ticks();
                first && repeatable && self.worker.budget.spend(ticks)
            }
            _ => false,
        }
    }

    fn log(&self, server: &Server, failure: &Failure) {
        if failure.is_of_server() {
            tracing::warn!(server = server.id, why = %failure, "no good answer");
        } else {
            tracing::debug!(server = server.id, why = %failure, "not answered");
        }
    }
}
