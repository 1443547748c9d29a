//! Answers of our own: the one place where trouble becomes a response.

use copal_http1::refusal::Refusal;
use copal_http1::version::Version;
use copal_serve::buffer::Scratch;

use crate::after::{After, Ending};
use crate::client::Client;
use crate::facts::Facts;
use crate::forward::failure::Failure;
use crate::forward::send;
use crate::forward::upload::whole_body;
use crate::own::{Manner, Own};
use crate::worker::Worker;

/// Answers a request whose head was judged good.
pub(crate) async fn own(worker: &Worker, client: &mut Client, facts: &Facts, own: &Own) -> After {
    let ending = ending(worker, client, facts);
    finish(worker, client, facts, own, ending).await
}

async fn finish(
    worker: &Worker,
    client: &mut Client,
    facts: &Facts,
    own: &Own,
    ending: Ending,
) -> After {
    let mut out = Scratch::new(&worker.bench.buffers);
    own.write(&mut out, manner(worker, facts.version, facts.is_head, ending.keep));
    worker.tally.answer(own.status);
    send(worker, client, &out, ending.after).await
}

/// How an exchange ends that we answer ourselves. A body is of no use to us: if all of it is
/// there, it is dropped and the next request begins behind it; else the connection ends, and
/// nobody waits for what is thrown away.
pub(crate) fn ending(worker: &Worker, client: &mut Client, facts: &Facts) -> Ending {
    let body = whole_body(facts.framing, client.inbox.data()).ok().flatten();
    client.inbox.consume(body.unwrap_or(0));
    Ending::of(body.is_some(), facts.keep_alive && !worker.site.household.drain.is_draining())
}

/// How an answer of ours looks.
pub(crate) fn manner(worker: &Worker, version: Version, is_head: bool, keep: bool) -> Manner {
    let date = worker.dates.value(worker.bench.deadlines.ticks());
    Manner { keep, version, is_head, date }
}

/// Answers a request whose head was refused, or never came to its end.
pub(crate) async fn refused(worker: &Worker, client: &mut Client, status: u16) -> After {
    let mut out = Scratch::new(&worker.bench.buffers);
    Own::new(status).write(&mut out, manner(worker, Version::Http11, false, false));
    worker.tally.refused.add(1);
    send(worker, client, &out, After::Linger).await
}

/// Answers a request that was read to its end and that no server answered.
pub(crate) async fn instead(
    worker: &Worker,
    client: &mut Client,
    facts: &Facts,
    failure: &Failure,
) -> After {
    let Some(status) = failure.status() else { return After::Reset };
    let keep = facts.keep_alive && !worker.site.household.drain.is_draining();
    let ending = Ending::of(true, keep);
    finish(worker, client, facts, &Own::new(status), ending).await
}

/// Answers a request that could not be forwarded, and of whose body something is missing.
pub(crate) async fn failed(
    worker: &Worker,
    client: &mut Client,
    facts: &Facts,
    failure: &Failure,
) -> After {
    let Some(status) = failure.status() else { return After::Reset };
    let ending = Ending::of(false, facts.keep_alive);
    finish(worker, client, facts, &Own::new(status), ending).await
}

/// The status that a refusal of the head gets, said once in the log for whoever looks for it.
pub(crate) fn status_of(refusal: Refusal, client: &Client) -> u16 {
    let status = refusal.status();
    tracing::debug!(client = %client.peer.address, %refusal, status, "refused");
    status
}

async fn send(worker: &Worker, client: &mut Client, out: &[u8], after: After) -> After {
    let limit = worker.site.limits.send_timeout;
    match send::all(&mut client.stream, out, &client.wait, limit).await {
        Ok(()) => after,
        Err(_) => After::Close,
    }
}
