//! Answers of our own: the one place where trouble becomes a response.

use copal_http1::refusal::Refusal;
use copal_http1::version::Version;
use copal_serve::buffer::Scratch;

use crate::after::After;
use crate::client::Client;
use crate::facts::Facts;
use crate::forward::failure::Failure;
use crate::forward::send;
use crate::forward::upload::whole_body;
use crate::own::Own;
use crate::worker::Worker;

/// Answers a request whose head was judged good.
pub(crate) async fn own(worker: &Worker, client: &mut Client, facts: &Facts, own: &Own) -> After {
    // The body is of no use to us. If all of it is there, the next request begins behind it;
    // else the connection ends here: nobody waits for a body that is thrown away.
    let body = whole_body(facts.framing, client.inbox.data()).ok().flatten();
    let keep = facts.keep_alive && body.is_some() && !worker.site.drain.is_draining();
    client.inbox.consume(body.unwrap_or(0));
    let mut out = Scratch::new(&worker.bench.buffers);
    own.write(&mut out, keep, facts.version, facts.is_head);
    let after = if body.is_some() { After::Close } else { After::Linger };
    send(worker, client, &out, if keep { After::Next } else { after }).await
}

/// Answers a request whose head was refused, or never came to its end.
pub(crate) async fn refused(worker: &Worker, client: &mut Client, status: u16) -> After {
    let mut out = Scratch::new(&worker.bench.buffers);
    Own::new(status).write(&mut out, false, Version::Http11, false);
    send(worker, client, &out, After::Linger).await
}

/// Answers a request that could not be forwarded; `begun` says that some of an answer has left.
pub(crate) async fn failed(
    worker: &Worker,
    client: &mut Client,
    facts: &Facts,
    failure: &Failure,
    begun: bool,
) -> After {
    let Some(status) = failure.status().filter(|_| !begun) else {
        return After::Reset;
    };
    // Where the next request begins is known if there was no body, or nothing of it was used yet.
    let untouched = matches!(failure, Failure::Unreached(_)) || !facts.has_body();
    if failure.is_of_server() && untouched {
        return own(worker, client, facts, &Own::new(status)).await;
    }
    refused(worker, client, status).await
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
