//! What two servers say first on a connection: who they are.

use std::io;

use bytes::{Bytes, BytesMut};
use copal_protocol::judgement::judge;
use copal_protocol::link_decoder::Decoder;
use copal_protocol::link_frame::{self, Channel};
use copal_protocol::link_reason;
use copal_protocol::name::Name;
use copal_protocol::ring_hello::{Hello, Versions};
use copal_protocol::ring_hello_code;
use copal_replica::incarnation::Incarnation;
use copal_replica::server_id::ServerId;
use copal_tls::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::ring::engine::Engine;
use crate::ring::limits::GREET;
use crate::ring::link_error::LinkError;

/// The server at the other end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) server: ServerId,
    pub(crate) start: Incarnation,
}

/// Both sides say who they are. Returns who the other one is, if it belongs here; else that one is told
/// why not.
pub(crate) async fn exchange(
    engine: &Engine,
    stream: &mut Stream,
    read: &mut BytesMut,
    decoder: &mut Decoder,
) -> Result<Peer, LinkError> {
    let greeted = timeout(GREET, greet(engine, stream, read, decoder)).await;
    let late = |_| LinkError::Broken(io::ErrorKind::TimedOut.into());
    let refused = match greeted.map_err(late)? {
        Err(
            refused @ (LinkError::Refused(_) | LinkError::Stranger(_) | LinkError::Impostor(..)),
        ) => refused,
        greeted => return greeted,
    };
    let reason = refused.to_string();
    say(stream, Channel::Refusal, link_reason::write(&reason)).await?;
    Err(refused)
}

async fn greet(
    engine: &Engine,
    stream: &mut Stream,
    read: &mut BytesMut,
    decoder: &mut Decoder,
) -> Result<Peer, LinkError> {
    let own = hello(engine);
    if let Some(own) = &own {
        say(stream, Channel::Hello, &ring_hello_code::write(own)).await?;
    }
    let theirs = ring_hello_code::read(&hear(stream, read, decoder).await?)?;
    let stranger = || LinkError::Stranger(theirs.server);
    let own = own.ok_or_else(stranger)?;
    let agreed = judge(&own, &theirs).map_err(|refusal| LinkError::Refused(Box::new(refusal)))?;
    for difference in agreed.differences {
        tracing::info!(%difference, "two servers have different files");
    }
    let server = ServerId::new(theirs.server.as_str());
    let known = server.filter(|server| engine.roster().other(*server).is_some());
    let server = known.ok_or_else(stranger)?;
    let roster = engine.roster();
    let member = roster.other(server).ok_or_else(stranger)?;
    // A server speaks for itself only.
    let checked = stream.check(&member.into());
    checked.map_err(|why| LinkError::Impostor(theirs.server, why))?;
    engine.tables.announced(server, theirs.table);
    Ok(Peer { server, start: Incarnation(theirs.incarnation) })
}

/// A server says again who it is, because its table is another one. An error is one as at the beginning.
pub(crate) fn repeated(engine: &Engine, peer: Peer, content: &[u8]) -> Result<(), LinkError> {
    let theirs = ring_hello_code::read(content)?;
    let stranger = || LinkError::Stranger(theirs.server);
    let own = hello(engine).ok_or_else(stranger)?;
    judge(&own, &theirs).map_err(|refusal| LinkError::Refused(Box::new(refusal)))?;
    let is_it = ServerId::new(theirs.server.as_str()) == Some(peer.server);
    if !is_it || Incarnation(theirs.incarnation) != peer.start {
        return Err(LinkError::Misplaced(Channel::Hello));
    }
    engine.tables.announced(peer.server, theirs.table);
    Ok(())
}

/// What is said when this server's table is another one.
pub(crate) fn again(engine: &Engine) -> Option<Vec<u8>> {
    hello(engine).map(|own| ring_hello_code::write(&own).to_vec())
}

/// What this server says of itself. The configuration allows no other names than those that a hello
/// can say.
fn hello(engine: &Engine) -> Option<Hello> {
    let roster = engine.roster();
    let all = roster.others.iter().chain([&roster.own]);
    let table = all.map(|member| Some((member.index, Name::new(member.id.as_str())?)));
    Some(Hello {
        versions: Versions::OURS,
        cluster: Name::new(&roster.cluster)?,
        server: Name::new(roster.own.id.as_str())?,
        index: roster.own.index,
        incarnation: engine.plan.incarnation.0,
        table: table.collect::<Option<_>>()?,
        state: engine.liveness().own_state(),
    })
}

async fn say(stream: &mut Stream, channel: Channel, content: &[u8]) -> io::Result<()> {
    let mut out = BytesMut::new();
    link_frame::put(&mut out, channel, content).map_err(io::Error::other)?;
    stream.write_all(&out).await?;
    stream.flush().await
}

async fn hear(
    stream: &mut Stream,
    read: &mut BytesMut,
    decoder: &mut Decoder,
) -> Result<Bytes, LinkError> {
    loop {
        if let Some(frame) = decoder.next(read)? {
            return match frame.channel {
                Channel::Hello => Ok(frame.content),
                Channel::Refusal => Err(LinkError::RefusedThere(link_reason::read(&frame.content))),
                channel => Err(LinkError::Misplaced(channel)),
            };
        }
        decoder.reserve(read);
        if stream.read_buf(read).await? == 0 {
            return Err(LinkError::Broken(io::ErrorKind::UnexpectedEof.into()));
        }
    }
}
