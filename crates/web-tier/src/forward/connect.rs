//! A new connection to a server, with the hello that makes it believed.

use std::io;
use std::rc::Rc;

use copal_config::cluster::Protocol;
use copal_config::secret::Secret;
use copal_http1::response_head::{ResponseHead, ResponseLimits};
use copal_http1::write;
use copal_protocol::hello::{self, Nonce, Parties, Proof};
use copal_serve::buffer::{Buffer, Buffers};
use copal_tls::refused::Refused;
use copal_tls::stream::Stream;
use tokio::io::AsyncWriteExt;

use crate::balance::cluster::Cluster;
use crate::balance::server::Server;
use crate::forward::upstream::Upstream;
use crate::limits::HELLO_BODY;
use crate::site::Site;

/// Why a server could not be reached. Nothing of a request was sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreached {
    #[error("{0}")]
    Connect(#[from] io::Error),
    #[error("no connection within load-balance-connect-timeout")]
    Late,
    #[error("no encrypted connection: {0}")]
    Tls(#[from] Refused),
    #[error("it did not answer the hello as a server of this cluster does: {0}")]
    Hello(String),
    #[error(
        "it does not prove that it is \"{0}\": its secret, its cluster or its name is another one"
    )]
    Proof(String),
}

impl Unreached {
    /// Whether the fault lies on our side: we have no files, ports or memory left. That says
    /// nothing about the server.
    pub(crate) fn is_our_own(&self) -> bool {
        const ENOMEM: i32 = 12;
        const ENFILE: i32 = 23;
        const EMFILE: i32 = 24;
        const EADDRNOTAVAIL: i32 = 99;
        const ENOBUFS: i32 = 105;
        let Self::Connect(error) = self else { return false };
        let codes = [ENOMEM, ENFILE, EMFILE, EADDRNOTAVAIL, ENOBUFS];
        error.raw_os_error().is_some_and(|code| codes.contains(&code))
    }
}

/// What is needed to connect to servers.
#[derive(Debug)]
pub(crate) struct Dialer<'d> {
    pub(crate) site: &'d Site,
    pub(crate) buffers: &'d Rc<Buffers>,
}

impl Dialer<'_> {
    /// Connects, and says hello where the cluster has a secret. Where it has certificates, both sides
    /// have shown who they are before that.
    pub(crate) async fn connect(
        &self,
        cluster: &Cluster,
        server: &Server,
    ) -> Result<Upstream, Unreached> {
        let stream = server.connect().await?;
        stream.set_nodelay(true)?;
        let inbox = Buffer::new(self.buffers);
        if let Some(tls) = &cluster.tls {
            let stream = tls.connect(stream, &server.peer()).await?;
            return Ok(Upstream { stream, inbox, proof: None, believed: true });
        }
        let believed =
            cluster.protocol == Protocol::Copal && self.site.believes(stream.peer_addr()?);
        let stream = Stream::Plain(stream);
        let mut upstream = Upstream { stream, inbox, proof: None, believed };
        if let (Protocol::Copal, Some(secret)) = (cluster.protocol, &self.site.secret) {
            self.say_hello(&mut upstream, secret, cluster, server).await?;
        }
        Ok(upstream)
    }

    /// Both ends prove that they know the secret. Our own proof goes along with the first request.
    async fn say_hello(
        &self,
        upstream: &mut Upstream,
        secret: &Secret,
        cluster: &Cluster,
        server: &Server,
    ) -> Result<(), Unreached> {
        let mut random = [0; hello::BYTES];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let ours = Nonce::from_random(random);
        let mut request = Vec::with_capacity(256);
        write::request_line(&mut request, "GET", hello::PATH.as_bytes());
        write::field(&mut request, b"Host", server.id.as_bytes());
        write::field(&mut request, hello::NONCE.as_bytes(), ours.to_string().as_bytes());
        write::end(&mut request);
        upstream.stream.write_all(&request).await?;
        let (theirs, proof) = read_hello(upstream, &self.site.response_limits).await?;
        let parties = Parties { cluster: &cluster.name, server: &server.id };
        if hello::server_proof(secret.bytes(), parties, &ours, &theirs) != proof {
            return Err(Unreached::Proof(server.id.clone()));
        }
        upstream.proof = Some(hello::client_proof(secret.bytes(), parties, &ours, &theirs));
        Ok(())
    }
}

async fn read_hello(
    upstream: &mut Upstream,
    limits: &ResponseLimits,
) -> Result<(Nonce, Proof), Unreached> {
    loop {
        if let Some((hello, length)) = hello_in(upstream.inbox.data(), limits)? {
            upstream.inbox.consume(length);
            return Ok(hello);
        }
        if upstream.inbox.read(&mut upstream.stream).await? == 0 {
            return Err(Unreached::Hello("it closed the connection".to_owned()));
        }
    }
}

type Hello = ((Nonce, Proof), usize);

/// The server's hello and how many bytes it takes, as soon as it is complete.
fn hello_in(data: &[u8], limits: &ResponseLimits) -> Result<Option<Hello>, Unreached> {
    let bad = |why: &str| Unreached::Hello(why.to_owned());
    let head = ResponseHead::parse(data, false, limits).map_err(|error| bad(&error.to_string()))?;
    let Some(head) = head else { return Ok(None) };
    if head.status != 200 {
        return Err(bad(&format!("status {}", head.status)));
    }
    let field = |name: &str| {
        let mut fields = head.fields.iter();
        fields.find(|field| field.name.eq_ignore_ascii_case(name.as_bytes())).map(|f| f.value)
    };
    let nonce = field(hello::NONCE).and_then(Nonce::parse).ok_or_else(|| bad("no nonce"))?;
    let proof = field(hello::PROOF).and_then(Proof::parse).ok_or_else(|| bad("no proof"))?;
    let length = match head.framing {
        copal_http1::framing::Framing::None => head.length,
        // It is kept until it is whole, and whoever sends it has not proved anything yet.
        copal_http1::framing::Framing::Length(body) => usize::try_from(body)
            .ok()
            .filter(|body| *body <= HELLO_BODY)
            .and_then(|body| head.length.checked_add(body))
            .ok_or_else(|| bad("a long body"))?,
        _ => return Err(bad("a body of unknown length")),
    };
    Ok((data.len() >= length).then_some(((nonce, proof), length)))
}
