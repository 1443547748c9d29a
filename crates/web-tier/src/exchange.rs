//! THE ROAD: one request, from its head to its answer.
//!
//! The numbers are those of "One request, in order" in `docs/request.md`. What is decided is
//! decided in [`Plan::of`], without a wait; what is done is done here.

use copal_serve::buffer::Scratch;

use crate::after::After;
use crate::client::Client;
use crate::file_answer;
use crate::forward::tries::{self as forward, Asked};
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
    worker.tally.requests.add(1);
    match plan.target {
        // 6. Forward; 7. Answer.
        Target::Cluster { index, choice } => {
            forward::forward(worker, client, &plan.facts, Asked { index, choice, head }).await
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
