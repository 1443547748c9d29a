//! One request, from its head to the head of its answer.

use copal_config::session_config::SaveMode;
use copal_protocol::cookie;
use copal_session::error::Error;
use copal_session::presented::Presented;
use copal_session::session::Session;
use http::header::{CONTENT_LENGTH, COOKIE};
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::{Body as _, Incoming};

use crate::application;
use crate::body::{Body, Meter};
use crate::caller::Caller;
use crate::client_info::ClientInfo;
use crate::conversation::Turn;
use crate::destination::Destination;
use crate::fields;
use crate::forwarded;
use crate::late_saves::LateSave;
use crate::mount::Mount;
use crate::original_uri::OriginalUri;
use crate::own_requests;
use crate::reply_body::ReplyBody;
use crate::request_end::RequestEnd;
use crate::respond;
use crate::site::Site;
use crate::static_files;
use crate::upgrade::Upgrade;
use crate::way;

/// Answers one request. Whatever was found out about it meanwhile has the last word.
pub(crate) async fn exchange(
    site: &Site,
    caller: &Caller,
    turn: Turn,
    request: Request<Incoming>,
) -> Response<ReplyBody> {
    let upgrade = Upgrade::asked_by(&request);
    let length = (!request.body().is_end_stream()).then(|| request.body().size_hint().exact());
    let greets = own_requests::is_hello(caller, &request);
    let mut visit = Visit::default();
    let answered = answer(site, caller, turn, request, &mut visit).await;
    let answered = upgrade.settle(caller, turn, answered);
    let answered = match caller.conversation.bad_body(turn) {
        // The client is told that its body is bad, whatever was made of the good part of it.
        Some(bad) => Err(respond::last_refusal(bad.status, &bad.reason)),
        None => answered,
    };
    let response = match (answered, visit.session) {
        (Ok(response), _) => response.map(|body| body.saved_by(visit.late)),
        (Err(response), None) => response,
        (Err(refusal), Some(session)) => {
            // What the application did to the session was for an answer that is not given.
            site.sessions.abandon(&session).await;
            refusal
        }
    };
    if let Some(length) = length.filter(|_| visit.end.is_given_up()) {
        // Whoever leaves a body unread has to close after the answer, and says so. Of a short one
        // that is there already the server reads the rest by itself.
        let state = caller.conversation.state();
        let arrived = length.is_some() && (state.heads > turn || !state.in_body);
        if !arrived && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            return respond::closing(response);
        }
    }
    // RFC 9112, 9.6: "The server SHOULD send a "close" connection option in its final response on
    // that connection."
    // But after a hello there is one more.
    if site.drain.is_draining() && !greets && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return respond::closing(response);
    }
    response
}

/// What came of a request beside its answer.
#[derive(Debug, Default)]
struct Visit {
    /// What the application may have touched.
    session: Option<Session>,
    /// What of it is saved when the answer has left.
    late: Option<LateSave>,
    /// What becomes of the request's body.
    end: RequestEnd,
}

/// Trust; host, rules, web-app; session; application; save; respond.
async fn answer(
    site: &Site,
    caller: &Caller,
    turn: Turn,
    mut request: Request<Incoming>,
    visit: &mut Visit,
) -> Result<Response<ReplyBody>, Response<ReplyBody>> {
    let believed = own_requests::trust(site, caller, &request)?;
    if let Some(own) = own_requests::answer(site, caller, believed, &request) {
        return Ok(own);
    }
    let client = identify(site, caller, believed, &mut request);
    if request.uri().path() == "*" {
        // RFC 9110, 9.3.7: "An OPTIONS request with an asterisk ("*") as the request target
        // applies to the server in general rather than to a specific resource."
        return Ok(respond::nothing(StatusCode::OK));
    }
    let (mount, destination) = way::find(site, &client, request.uri())?;
    if is_too_long(&request, site.max_body) {
        return Err(respond::last_refusal(413, "the body is longer than max-body"));
    }
    if let Some(root) = &mount.root
        && let Some(file) = static_files::answer(root, mount, &request, &destination).await
    {
        return Ok(file);
    }
    let application = mount.application.as_deref();
    let application = application.ok_or_else(|| respond::no_file(request.method()))?;

    let presented = presented(mount, &client, &destination, &request);
    let needs_others = mount.sessions.config().use_persistent_store;
    if needs_others && !site.state.lets_begin(&presented, believed) {
        return Err(respond::not_begun(believed));
    }
    let session = site.sessions.open(&mount.sessions, presented);
    visit.session = Some(session.clone());
    let method = request.method().clone();
    let (conversation, end) = (caller.conversation.clone(), visit.end.clone());
    let meter = Meter { left: site.max_body, conversation, turn, end };
    let request = hand_over(request, client, destination, session.clone(), meter)?;
    let answered = application::ask(application, &mount.ground, request).await;
    if caller.conversation.bad_body(turn).is_some() {
        // Nothing is saved for a request that never was. What the client is told is known already.
        return Err(respond::refusal(400, ""));
    }
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(web_app = %mount.path, %error, "an application failed");
        respond::refusal(500, "")
    };
    let response = answered.map_err(|error| failed(&error))?;
    let response = respond::of_application(response, &method, &mount.sessions);
    let response = response.map_err(|error| failed(&error))?;
    // Whoever is sent elsewhere comes back at once, perhaps to another server.
    let everything = response.status().is_redirection();
    let cookie = save(site, &session, everything).await;
    let cookie = cookie.map_err(|error| not_saved(mount, &error))?;
    let waits = mount.sessions.config().save_mode == SaveMode::AfterRequest && !everything;
    visit.late = waits.then(|| site.late.of(&session, &mount.path));
    Ok(respond::with_session(response, cookie))
}

/// Saves what is to be saved before the head leaves.
async fn save(
    site: &Site,
    session: &Session,
    everything: bool,
) -> Result<Option<HeaderValue>, Error> {
    match everything {
        true => site.sessions.commit(session).await,
        false => site.sessions.commit_head(session).await,
    }
}

/// The answer when the session was not saved. The handler ran already, and nobody runs it again.
fn not_saved(mount: &Mount, error: &Error) -> Response<ReplyBody> {
    if error.is_the_clients_own() {
        tracing::debug!(web_app = %mount.path, %error, "a session was not saved");
    } else {
        tracing::error!(web_app = %mount.path, %error, "a session was not saved");
    }
    respond::not_saved(error.retry_after())
}

/// Who asks. What only a proxy may say is out of the request afterwards, unless it was one.
fn identify(
    site: &Site,
    caller: &Caller,
    believed: bool,
    request: &mut Request<Incoming>,
) -> ClientInfo {
    let proxies = &site.trusted_proxies;
    let believed = believed || proxies.iter().any(|range| range.contains(caller.peer));
    let (fields, uri) = (request.headers(), request.uri());
    let client = forwarded::client_info(fields, uri, caller.peer, believed, proxies);
    fields::clean_request(request.headers_mut(), believed);
    client
}

/// Whether the client says itself that the body is above the bound.
fn is_too_long(request: &Request<Incoming>, max_body: Option<u64>) -> bool {
    let length = request.headers().get(CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    matches!((length, max_body), (Some(length), Some(max)) if length > max)
}

/// What the request brings of a session. Nothing is looked up before the application asks for something.
fn presented<'r>(
    mount: &Mount,
    client: &ClientInfo,
    destination: &'r Destination,
    request: &'r Request<Incoming>,
) -> Presented<'r> {
    let fields = request.headers().get_all(COOKIE).iter();
    let name = mount.sessions.cookie_name(client.secure);
    Presented {
        cookie: cookie::find(fields.map(HeaderValue::as_bytes), name),
        url: destination.session.as_deref(),
        secure: client.secure,
    }
}

/// The request as its application sees it.
#[expect(clippy::result_large_err, reason = "an answer is no rare thing here")]
fn hand_over(
    request: Request<Incoming>,
    client: ClientInfo,
    destination: Destination,
    session: Session,
    meter: Meter,
) -> Result<Request<Body>, Response<ReplyBody>> {
    let (mut parts, incoming) = request.into_parts();
    let original = parts.uri.clone();
    let uri = destination.uri().map_err(|error| respond::refusal(400, &error.to_string()))?;
    parts.uri = uri.unwrap_or(parts.uri);
    parts.extensions.insert(OriginalUri(original));
    parts.extensions.insert(client);
    parts.extensions.insert(session);
    Ok(Request::from_parts(parts, Body::new(incoming, meter)))
}
