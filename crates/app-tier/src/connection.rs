//! One connection, from its first byte to its last.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use copal_serve::accepted::Accepted;
use copal_serve::deadlines::{Deadline, TICK};
use copal_serve::unsent;
use copal_tls::stream::Stream;
use hyper::server::conn::http1;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;

use crate::answering::answering;
use crate::caller::Caller;
use crate::conversation::{Conversation, Ending};
use crate::current_site::CurrentSite;
use crate::encryption;
use crate::entrance::{Audience, Entrance};
use crate::farewell;
use crate::figures::{Figures, Open, Tunnel};
use crate::guests::Guests;
use crate::judged_io::JudgedIo;
use crate::limits;
use crate::patience::{Expiry, Patience};
use crate::site::Site;
use crate::trust::Standing;

/// What the connections of a thread share.
pub(crate) struct House {
    pub(crate) site: Rc<CurrentSite>,
    pub(crate) figures: Arc<Figures>,
    pub(crate) guests: Rc<Guests>,
}

/// Serves one connection to its end.
pub(crate) async fn serve(house: House, deadline: Deadline, accepted: Accepted) {
    let House { site: current, figures, guests } = house;
    // Under the connection cap for as long as this function runs.
    let Accepted { stream, peer, door, place: _place, .. } = accepted;
    let site = current.get();
    let Some(entrance) = site.entrances.get(door.0).copied() else {
        return;
    };
    let _open = Open::begin(&figures, entrance.audience);
    let conversation = Conversation::default();
    unsent::bound(&stream);
    let begun = encryption::begin(&site, &entrance, peer, &deadline, stream).await;
    let Some(stream) = begun else { return };
    let guest = guests.enter(entrance.audience, &conversation);
    let standing = standing(&site, &entrance, peer.ip(), &stream);
    let io = JudgedIo::new(stream, entrance.head_limits, conversation.clone());
    let caller = Rc::new(Caller::new(&entrance, peer.ip(), standing, conversation.clone()));
    suspect(&guests, &entrance, &caller);
    let mut server = http(&entrance)
        .serve_connection(
            TokioIo::new(io),
            answering(current, Arc::clone(&figures), door, Rc::clone(&caller)),
        )
        .with_upgrades();
    drop(site);
    let mut watch = Watch::new(&caller, &deadline);
    let served = watch.until(|context| Pin::new(&mut server).poll(context)).await;
    match served {
        Some(Ok(())) => {}
        Some(Err(error)) => tracing::debug!(%peer, %error, "a connection broke"),
        None => {
            tracing::debug!(%peer, "a client did not take its answer");
            if let Some(parts) = server.into_parts() {
                cut(&mut parts.io.into_inner());
            }
            return;
        }
    }
    let declined = caller.declined.take();
    let io = match server.into_parts() {
        Some(parts) => Some(parts.io),
        None => given_up(declined).await,
    };
    match io {
        Some(io) => {
            drop(guest);
            if conversation.state().ending.is_some_and(|ending| !ending.in_body) {
                figures.refuse();
            }
            let io = io.into_inner();
            let said = farewell::say(io, &conversation, &caller.waits.get(), &deadline).await;
            if let Err(error) = said {
                tracing::debug!(%peer, %error, "a connection was gone before its end");
            }
        }
        // A tunnel, which its application serves.
        None => {
            let _tunnel = Tunnel::begin(&figures);
            watch.until(|context| gone(&conversation, context)).await;
        }
    }
}

/// Whoever has not proved yet that it is a server of ours is one of few.
fn suspect(guests: &Rc<Guests>, entrance: &Entrance, caller: &Caller) {
    if entrance.audience == Audience::Cluster && !caller.standing.get().is_believed() {
        caller.stranger.replace(Some(guests.suspect(&caller.conversation)));
    }
}

/// What is taken for HTTP at an entrance.
fn http(entrance: &Entrance) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // One more than the judge lets through, so that the judge's answer is the one given.
        .max_headers(entrance.head_limits.max_fields.saturating_add(1))
        .max_buf_size(entrance.head_limits.max_head.saturating_add(limits::BUFFER));
    builder
}

/// Closes a connection with a reset: what the client did not take must not wait for it in the
/// kernel, and half an answer must not look whole.
fn cut(io: &mut JudgedIo<Stream>) {
    let socket = io.socket().tcp();
    if let Some(Err(error)) = socket.map(tokio::net::TcpStream::set_zero_linger) {
        tracing::debug!(%error, "the connection could not be reset and is closed");
    }
}

/// What the other end has proved, before it said anything.
fn standing(site: &Site, entrance: &Entrance, peer: IpAddr, stream: &Stream) -> Standing {
    match (entrance.audience, stream) {
        (Audience::Public, _) => Standing::Stranger,
        (Audience::Cluster, Stream::Plain(_)) => Standing::of_stranger(peer, site.secret.as_ref()),
        // Nobody else was let in.
        (Audience::Cluster, Stream::Tls(_)) => Standing::Believed,
    }
}

/// Ready when nobody holds the connection any more.
fn gone(conversation: &Conversation, context: &mut Context<'_>) -> Poll<()> {
    if conversation.poll_gone(context) { Poll::Ready(()) } else { Poll::Pending }
}

/// The connection, when it was not given back because an upgrade was declined on it.
async fn given_up(declined: Option<OnUpgrade>) -> Option<TokioIo<JudgedIo<Stream>>> {
    let upgraded = declined?.await.ok()?;
    let parts = upgraded.downcast::<TokioIo<JudgedIo<Stream>>>().ok()?;
    Some(parts.io)
}

/// Ends what takes too long on one connection.
struct Watch<'c> {
    caller: &'c Caller,
    deadline: &'c Deadline,
    patience: Patience,
}

impl<'c> Watch<'c> {
    fn new(caller: &'c Caller, deadline: &'c Deadline) -> Self {
        Self { caller, deadline, patience: Patience::default() }
    }

    /// Polls until something comes of it, and sees to it that nothing is waited for too long. `None`
    /// when there is nothing left but to drop the connection.
    async fn until<T>(&mut self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Option<T> {
        loop {
            let armed = self.due();
            let now = self.now();
            let (caller, deadline, patience) = (self.caller, self.deadline, &mut self.patience);
            let step = poll_fn(|context| match poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending => {
                    // A deadline that moved back is found out when the old one has come; one that
                    // moved forward has to be set anew.
                    let sooner = match (due(patience, caller, deadline), armed) {
                        (Some((due, _)), Some((armed, _))) => due < armed,
                        (due, None) => due.is_some(),
                        (None, Some(_)) => false,
                    };
                    if sooner { Poll::Ready(None) } else { Poll::Pending }
                }
            });
            let step = match armed {
                Some((due, _)) => deadline.within(span(now, due), step).await,
                None => Ok(step.await),
            };
            match step {
                Ok(Some(done)) => return Some(done),
                Ok(None) => {}
                Err(_elapsed) => self.expire()?,
            }
        }
    }

    fn now(&self) -> u64 {
        self.deadline.list().ticks()
    }

    fn due(&mut self) -> Option<(u64, Expiry)> {
        due(&mut self.patience, self.caller, self.deadline)
    }

    /// Ends what is over by now, if anything is; `None` when that is the connection.
    fn expire(&mut self) -> Option<()> {
        let now = self.now();
        let over = self.due().filter(|(due, _)| *due <= now);
        let Some((_, what)) = over else { return Some(()) };
        let conversation = &self.caller.conversation;
        let heads = conversation.state().heads;
        match what {
            Expiry::Idle | Expiry::Tunnel => conversation.cut(),
            Expiry::Send => return None,
            Expiry::Head => conversation.end(Ending {
                status: 408,
                turn: heads + 1,
                in_body: false,
                reason: "the request head took too long".into(),
            }),
            Expiry::Body => conversation.end(Ending {
                status: 408,
                turn: heads,
                in_body: true,
                reason: "the request body took too long".into(),
            }),
            Expiry::BodyRate => conversation.end(Ending {
                status: 408,
                turn: heads,
                in_body: true,
                reason: "the request body came too slowly".into(),
            }),
        }
        Some(())
    }
}

/// When patience with a caller ends, as things stand now, and with what.
fn due(patience: &mut Patience, caller: &Caller, deadline: &Deadline) -> Option<(u64, Expiry)> {
    let waits = caller.waits.get();
    patience.observe(&caller.conversation.state(), &waits, deadline.list().ticks());
    patience.due(&waits)
}

/// The time between two ticks.
fn span(now: u64, due: u64) -> Duration {
    let ticks = u32::try_from(due.saturating_sub(now)).unwrap_or(u32::MAX);
    TICK.saturating_mul(ticks)
}
