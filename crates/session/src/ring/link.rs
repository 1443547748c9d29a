//! One connection to another server, from the hello to its end.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use copal_protocol::link_decoder::Decoder;
use copal_protocol::link_frame::{Channel, LinkFrame};
use copal_protocol::link_reason;
use copal_replica::frame_code::{self, Heard};
use copal_replica::heartbeat_code;
use copal_tls::halves::{Reader, Writer};
use copal_tls::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::ring::engine::Engine;
use crate::ring::greeting::{self, Peer};
use crate::ring::limits::READ_AT_ONCE;
use crate::ring::line::{End, LinkKind};
use crate::ring::link_error::LinkError;
use crate::ring::outbox::Outbox;
use crate::ring::socket;

/// Serves a connection to its end. An error is one that comes before the two servers knew each other,
/// or that is the other one's fault.
pub(crate) async fn run(
    engine: &Engine,
    kind: LinkKind,
    mut stream: Stream,
    mut read: BytesMut,
) -> Result<(), LinkError> {
    stream.tcp().into_iter().for_each(socket::give_up_on_silence);
    let mut decoder = Decoder::default();
    let peer = greeting::exchange(engine, &mut stream, &mut read, &mut decoder).await?;
    let outbox = Arc::new(Outbox::default());
    let _attached = Attached::begin(engine, kind, peer, &outbox);
    tracing::debug!(server = %peer.server, kind = kind.word(), "a connection to another server is there");
    let (reading, writing) = stream.split();
    let mut link = Link { engine, peer, kind, outbox: &outbox, decoder };
    let ended = tokio::select! {
        ended = link.listen(reading, read) => ended,
        ended = write(engine, kind, &outbox, writing) => ended,
    };
    match ended {
        Err(LinkError::Broken(error)) => {
            tracing::debug!(server = %peer.server, kind = kind.word(), %error, "a connection is over");
            Ok(())
        }
        ended => ended,
    }
}

/// That a connection is in use. Ends with it, also when whoever keeps it is told to stop.
struct Attached<'l> {
    engine: &'l Engine,
    kind: LinkKind,
    peer: Peer,
    outbox: &'l Arc<Outbox>,
}

impl<'l> Attached<'l> {
    fn begin(engine: &'l Engine, kind: LinkKind, peer: Peer, outbox: &'l Arc<Outbox>) -> Self {
        let end = End { start: peer.start, outbox: Arc::clone(outbox) };
        engine.attach(kind, peer.server, end);
        Self { engine, kind, peer, outbox }
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        self.outbox.close();
        self.engine.detach(self.kind, self.peer.server, self.outbox);
    }
}

/// A connection in use.
struct Link<'l> {
    engine: &'l Engine,
    peer: Peer,
    kind: LinkKind,
    outbox: &'l Outbox,
    decoder: Decoder,
}

impl Link<'_> {
    /// Takes in what the other server says, until it closes.
    async fn listen(
        &mut self,
        mut reading: Reader<'_>,
        mut read: BytesMut,
    ) -> Result<(), LinkError> {
        loop {
            while let Some(frame) = self.decoder.next(&mut read)? {
                // Nothing of an older connection is believed after something of a newer one. And what
                // is said of sessions waits until it can be answered: the other server may have both
                // connections before this one has.
                let counts = match frame.channel {
                    Channel::Session => self.outbox.is_joined().await,
                    _ => !self.outbox.is_closed(),
                };
                if !counts {
                    return Ok(());
                }
                self.hear(frame)?;
            }
            if read.is_empty() {
                read.reserve(READ_AT_ONCE);
            }
            self.decoder.reserve(&mut read);
            if reading.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
        }
    }

    fn hear(&self, frame: LinkFrame) -> Result<(), LinkError> {
        let LinkFrame { channel, content } = frame;
        let server = self.peer.server;
        match (self.kind, channel) {
            (LinkKind::Sessions, Channel::Session) => {
                match frame_code::read(own_memory(content))? {
                    Heard::Frame(key, frame) => {
                        self.engine.hear(server, self.peer.start, key, *frame);
                    }
                    Heard::Unknown { kind } => {
                        tracing::debug!(%server, kind, "a frame of a later version is passed over");
                    }
                }
            }
            (LinkKind::Pulse, Channel::Heartbeat) => {
                let heartbeat = heartbeat_code::read(content)?;
                if let Some(answer) = self.engine.asked(server, heartbeat) {
                    let content = heartbeat_code::write_answer(&answer);
                    self.outbox.put(Channel::HeartbeatAnswer, &content);
                }
            }
            (LinkKind::Pulse, Channel::HeartbeatAnswer) => {
                self.engine.answered(server, heartbeat_code::read_answer(content)?);
            }
            (LinkKind::Pulse, Channel::Hello) => {
                greeting::repeated(self.engine, self.peer, &content)?
            }
            (_, Channel::Goodbye | Channel::Refusal) => {
                let why = link_reason::read(&content);
                tracing::info!(%server, why, "another server closes its connection");
            }
            _ => return Err(LinkError::Misplaced(channel)),
        }
        Ok(())
    }
}

/// Writes what is put into the outbox, until it is closed.
async fn write(
    engine: &Engine,
    kind: LinkKind,
    outbox: &Outbox,
    mut writing: Writer<'_>,
) -> Result<(), LinkError> {
    while let Some(bytes) = outbox.take().await {
        if kind == LinkKind::Sessions {
            engine.traffic.write();
        }
        writing.write_all(&bytes).await?;
        writing.flush().await?;
    }
    Ok(())
}

/// What is kept of a small frame would keep everything that was read together with it.
fn own_memory(content: Bytes) -> Bytes {
    if content.len() < READ_AT_ONCE / 2 { Bytes::copy_from_slice(&content) } else { content }
}
