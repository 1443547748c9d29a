//! The requests of our own servers: the hello, and whether this server is ready.

use copal_protocol::hello::{self, Nonce};
use copal_protocol::marks;
use copal_serve::clock;
use http::{HeaderValue, Method, Request, Response};
use hyper::body::Incoming;

use crate::caller::Caller;
use crate::entrance::Audience;
use crate::reply_body::ReplyBody;
use crate::respond;
use crate::ring_door;
use crate::seldom::Seldom;
use crate::site::Site;
use crate::trust::{Greeting, WrongProof};

/// Whether `request` is one of our own servers', to be answered here.
pub(crate) fn is_one(caller: &Caller, request: &Request<Incoming>) -> bool {
    let read = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    let asks = matches!(path, hello::PATH | marks::READY_PATH) || ring_door::is_asked_for(path);
    caller.audience == Audience::Cluster && read && asks
}

/// Whether `request` only comes before another one on its connection.
pub(crate) fn is_hello(caller: &Caller, request: &Request<Incoming>) -> bool {
    is_one(caller, request) && request.uri().path() == hello::PATH
}

/// Whether the sender of `request` is believed.
#[expect(clippy::result_large_err, reason = "an answer is no rare thing here")]
pub(crate) fn trust(
    site: &Site,
    caller: &Caller,
    request: &Request<Incoming>,
) -> Result<bool, Response<ReplyBody>> {
    if caller.audience == Audience::Public {
        return Ok(false);
    }
    let mut standing = caller.standing.get();
    if request.uri().path() != hello::PATH {
        let checked = standing.check(request.headers(), site.secret.as_ref(), site.parties());
        checked.map_err(|WrongProof| refuse(site, caller))?;
        caller.standing.set(standing);
        if standing.is_believed() {
            caller.stranger.take();
        }
    }
    Ok(standing.is_believed())
}

/// The answer to a request of one of our servers; `None` when it is somebody else's.
pub(crate) fn answer(
    site: &Site,
    caller: &Caller,
    believed: bool,
    request: &Request<Incoming>,
) -> Option<Response<ReplyBody>> {
    if !is_one(caller, request) {
        return None;
    }
    match request.uri().path() {
        hello::PATH => Some(greet(site, caller, request)),
        marks::READY_PATH => {
            Some(respond::state(site.state.now(), site.state.unheard().as_deref()))
        }
        _ => Some(ring_door::answer(site.reception.as_ref(), believed, request)),
    }
}

fn greet(site: &Site, caller: &Caller, request: &Request<Incoming>) -> Response<ReplyBody> {
    let mut random = [0; hello::BYTES];
    if let Err(error) = getrandom::fill(&mut random) {
        tracing::error!(%error, "the operating system gave no random bytes for a hello");
        return respond::last_refusal(503, "");
    }
    let mut standing = caller.standing.get();
    let nonce = Nonce::from_random(random);
    let secret = site.secret.as_ref();
    let greeting = standing.greet(request.headers(), secret, site.parties(), nonce);
    caller.standing.set(standing);
    match greeting {
        Greeting::Answer { nonce, proof } => {
            let mut response = respond::text(http::StatusCode::OK, "hello");
            let fields = response.headers_mut();
            // Hexadecimal digits are always good values.
            let value = |text: String| HeaderValue::from_str(&text).ok();
            fields.extend(value(nonce.to_string()).map(|nonce| (NONCE, nonce)));
            fields.extend(value(proof.to_string()).map(|proof| (PROOF, proof)));
            response
        }
        Greeting::NoSecret => {
            if let Some(left_out) = NO_SECRET.turn(clock::now()) {
                tracing::warn!(
                    peer = %caller.peer,
                    more_of_them = left_out,
                    "a server wants to prove that it knows the secret, but none is configured here"
                );
            }
            respond::last_refusal(403, "no secret is configured here")
        }
        Greeting::NoNonce => respond::last_refusal(400, "a hello needs a nonce"),
    }
}

/// Anybody can have these said who reaches the cluster port.
static NO_SECRET: Seldom = Seldom::new();
static WRONG: Seldom = Seldom::new();

const NONCE: http::HeaderName = http::HeaderName::from_static("copal-nonce");
const PROOF: http::HeaderName = http::HeaderName::from_static("copal-proof");

fn refuse(site: &Site, caller: &Caller) -> Response<ReplyBody> {
    let hello::Parties { cluster, server } = site.parties();
    if let Some(left_out) = WRONG.turn(clock::now()) {
        tracing::warn!(
            peer = %caller.peer,
            cluster,
            server,
            more_of_them = left_out,
            "refused a connection whose proof does not fit: the other side has another `secret`, or \
             means another server than this one"
        );
    }
    respond::last_refusal(403, "the proof does not fit")
}
