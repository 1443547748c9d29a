//! Where other servers of the cluster come in to speak about sessions.

use copal_protocol::link_frame;
use copal_session::ring::acceptance::{Guest, Reception};
use copal_session::ring::line::LinkKind;
use copal_tls::stream::Stream;
use http::header::{CONNECTION, UPGRADE};
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::task::spawn_local;

use crate::judged_io::JudgedIo;
use crate::reply_body::ReplyBody;
use crate::respond;

/// The answer to a server that wants to speak about sessions.
pub(crate) fn answer(
    reception: Option<&Reception>,
    believed: bool,
    request: &Request<Incoming>,
) -> Response<ReplyBody> {
    let Some(reception) = reception else {
        let why = "this server keeps its sessions to itself: its cluster has no persistent-store of \
                   type \"cluster\"";
        return respond::last_refusal(404, why);
    };
    if !believed {
        return respond::last_refusal(403, "prove that you know the secret first");
    }
    let field = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    // Who does not say what for speaks about sessions.
    let kind = field(LinkKind::FIELD).map_or(Some(LinkKind::Sessions), LinkKind::of);
    let speaks = field(UPGRADE.as_str()) == Some(link_frame::UPGRADE.as_bytes());
    let upgrade = request.extensions().get::<OnUpgrade>().cloned();
    let (Some(kind), Some(upgrade), true) = (kind, upgrade, speaks) else {
        return respond::last_refusal(400, "ask for an upgrade to copal-ring/1, and say what for");
    };
    let reception = reception.clone();
    spawn_local(async move {
        match hand_over(upgrade, kind).await {
            Ok(guest) => reception.welcome(guest),
            Err(error) => tracing::debug!(error, "a connection of another server broke at once"),
        }
    });
    let mut response = respond::nothing(StatusCode::SWITCHING_PROTOCOLS);
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    response.headers_mut().insert(UPGRADE, HeaderValue::from_static(link_frame::UPGRADE));
    response
}

/// Whether this is such a request.
pub(crate) fn is_asked_for(path: &str) -> bool {
    path == link_frame::PATH
}

/// Takes the connection out of this thread.
async fn hand_over(upgrade: OnUpgrade, kind: LinkKind) -> Result<Guest, String> {
    let upgraded = upgrade.await.map_err(|error| error.to_string())?;
    let parts = upgraded.downcast::<TokioIo<JudgedIo<Stream>>>();
    let parts = parts.map_err(|_| "it is no socket".to_owned())?;
    let (stream, kept) = parts.io.into_inner().into_parts();
    let stream = stream.park().map_err(|error| error.to_string())?;
    let read = [&*parts.read_buf, &*kept].concat().into();
    Ok(Guest { stream, read, kind })
}
