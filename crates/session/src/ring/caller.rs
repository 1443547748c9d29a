//! Calls another server at its cluster port, until both know that the other one has the secret.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use copal_protocol::hello::{self, Nonce, Parties, Proof};
use copal_protocol::link_frame;
use copal_tls::refused::Refused;
use copal_tls::stream::Stream;
use http::header::{CONNECTION, HOST, UPGRADE};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::ring::address::Address;
use crate::ring::limits::{CALL_AGAIN, CONNECT, GREET};
use crate::ring::line::LinkKind;
use crate::ring::panics;
use crate::ring::plan::RingPlan;
use crate::ring::roster::Member;

/// Why a server could not be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotCalled {
    /// Nobody listens at its port.
    #[error("nobody listens there")]
    Refused,
    /// The network's fault, or it hangs.
    #[error("{0}")]
    Failed(#[from] io::Error),
    /// It answers something else than it should.
    #[error("{0}")]
    Declined(String),
}

/// A connection on which both sides have shown that they know the secret.
pub(crate) struct Called {
    pub(crate) stream: Stream,
    /// What was read of it already.
    pub(crate) read: BytesMut,
}

/// Calls a server.
pub(crate) async fn call(
    plan: &RingPlan,
    member: &Member,
    address: &mut Address,
    kind: LinkKind,
) -> Result<Called, NotCalled> {
    let stream = within(CONNECT, connect(address)).await?;
    let stream = within(GREET, encrypt(plan, member, stream)).await?;
    within(GREET, prove(plan, member, kind, stream)).await
}

/// Whether nobody listens at a server's port.
pub(crate) async fn is_refused(address: &mut Address) -> bool {
    matches!(within(CONNECT, connect(address)).await, Err(NotCalled::Refused))
}

/// Calls again and again until one of the calls is answered: packets may be lost.
async fn connect(address: &mut Address) -> Result<TcpStream, NotCalled> {
    let found = address.find().await?;
    let mut calls = JoinSet::new();
    let mut times = tokio::time::interval(CALL_AGAIN);
    let answered = loop {
        tokio::select! {
            _ = times.tick() => {
                let found = found.clone();
                calls.spawn(async move { TcpStream::connect(&*found).await });
            }
            Some(answered) = calls.join_next() => break answered,
        }
    };
    let stream = answered.map_err(io::Error::other)?.map_err(|error| match error.kind() {
        io::ErrorKind::ConnectionRefused => NotCalled::Refused,
        _ => NotCalled::Failed(error),
    })?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// With certificates the other server proves here who it is, and so do we.
async fn encrypt(plan: &RingPlan, member: &Member, stream: TcpStream) -> Result<Stream, NotCalled> {
    let Some(tls) = &plan.tls else { return Ok(Stream::Plain(stream)) };
    let encrypted = tls.connect(stream, &member.into()).await;
    encrypted.map_err(|refused| NotCalled::Declined(refused.to_string()))
}

async fn within<T>(
    span: Duration,
    what: impl Future<Output = Result<T, NotCalled>>,
) -> Result<T, NotCalled> {
    let late = |_| NotCalled::Failed(io::ErrorKind::TimedOut.into());
    tokio::time::timeout(span, what).await.map_err(late)?
}

async fn prove(
    plan: &RingPlan,
    member: &Member,
    kind: LinkKind,
    stream: Stream,
) -> Result<Called, NotCalled> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    // It ends when the connection is upgraded, or dropped here.
    panics::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(%error, "a connection to another server broke before it was one");
        }
    });
    let host = format!("{}:{}", member.address, member.port);
    let mut fields = HeaderMap::new();
    fields.insert(HOST, value(&host)?);
    if let (Some(secret), None) = (&plan.secret, &plan.tls) {
        let proof = exchange_nonces(plan, member, secret, &mut sender, fields.clone()).await?;
        fields.insert("copal-proof", value(&proof.to_string())?);
    }
    fields.insert(CONNECTION, value("Upgrade")?);
    fields.insert(UPGRADE, value(link_frame::UPGRADE)?);
    fields.insert("copal-link", value(kind.word())?);
    let response = ask(&mut sender, link_frame::PATH, fields).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(declined(&response, "the ring"));
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(failed)?;
    let parts = upgraded.downcast::<TokioIo<Stream>>();
    let parts = parts.map_err(|_| NotCalled::Declined("no socket".to_owned()))?;
    Ok(Called { stream: parts.io.into_inner(), read: BytesMut::from(&*parts.read_buf) })
}

/// Has the other server prove that it knows the secret. Returns our own proof.
async fn exchange_nonces(
    plan: &RingPlan,
    member: &Member,
    secret: &[u8],
    sender: &mut SendRequest<Empty<Bytes>>,
    mut fields: HeaderMap,
) -> Result<Proof, NotCalled> {
    let mut random = [0; hello::BYTES];
    getrandom::fill(&mut random).map_err(|error| NotCalled::Declined(error.to_string()))?;
    let own = Nonce::from_random(random);
    fields.insert("copal-nonce", value(&own.to_string())?);
    let response = ask(sender, hello::PATH, fields).await?;
    if response.status() != StatusCode::OK {
        return Err(declined(&response, "the hello"));
    }
    let field = |name: &str| response.headers().get(name).map(http::HeaderValue::as_bytes);
    let nonce = field(hello::NONCE).and_then(Nonce::parse);
    let proof = field(hello::PROOF).and_then(Proof::parse);
    let (Some(nonce), Some(proof)) = (nonce, proof) else {
        return Err(NotCalled::Declined("it does not prove that it knows the secret".to_owned()));
    };
    let parties = Parties { cluster: &plan.roster.cluster, server: member.id.as_str() };
    if proof != hello::server_proof(secret, parties, &own, &nonce) {
        return Err(NotCalled::Declined(format!(
            "its proof does not fit: it has another `secret`, or is not the server \"{}\" of the \
             cluster \"{}\"",
            member.id, plan.roster.cluster
        )));
    }
    Ok(hello::client_proof(secret, parties, &own, &nonce))
}

async fn ask(
    sender: &mut SendRequest<Empty<Bytes>>,
    path: &str,
    fields: HeaderMap,
) -> Result<Response<Incoming>, NotCalled> {
    sender.ready().await.map_err(failed)?;
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = path.parse().map_err(|_| NotCalled::Declined("bad path".to_owned()))?;
    *request.headers_mut() = fields;
    sender.send_request(request).await.map_err(failed)
}

fn declined(response: &Response<Incoming>, what: &str) -> NotCalled {
    NotCalled::Declined(format!("it answers {} to {what}", response.status()))
}

fn failed(error: hyper::Error) -> NotCalled {
    // Whether our certificate was taken shows with the first answer.
    let mut source = std::error::Error::source(&error);
    while let Some(inside) = source {
        if let Some(inside) = inside.downcast_ref::<io::Error>()
            && let Some(refused) = Refused::in_error(inside)
        {
            return NotCalled::Declined(refused.to_string());
        }
        source = inside.source();
    }
    NotCalled::Failed(io::Error::other(error))
}

fn value(text: &str) -> Result<http::HeaderValue, NotCalled> {
    text.parse().map_err(|_| NotCalled::Declined(format!("{text:?} cannot be sent")))
}
