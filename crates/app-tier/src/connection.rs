//! One connection, from its first byte to its last.

use std::convert::Infallible;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use copal_serve::accepted::Accepted;
use copal_serve::deadlines::{Deadline, TICK};
use http::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::caller::Caller;
use crate::conversation::{Conversation, Ending};
use crate::entrance::{Audience, Entrance};
use crate::exchange::exchange;
use crate::farewell;
use crate::guests::Guests;
use crate::judged_io::JudgedIo;
use crate::limits;
use crate::patience::{Expiry, Patience};
use crate::reply_body::ReplyBody;
use crate::site::Site;
use crate::trust::Standing;

/// Serves one connection to its end.
pub(crate) async fn serve(
    site: Rc<Site>,
    guests: Rc<Guests>,
    entrance: Entrance,
    deadline: Deadline,
    accepted: Accepted,
) {
    // Under the connection cap for as long as this function runs.
    let Accepted { stream, peer, place: _place, .. } = accepted;
    let conversation = Conversation::default();
    let guest = guests.enter(entrance.audience, &conversation);
    let io = JudgedIo::new(stream, site.head_limits, conversation.clone());
    let caller = Rc::new(caller(&site, &entrance, peer.ip(), &conversation));
    let mut server = {
        let (site, caller) = (Rc::clone(&site), Rc::clone(&caller));
        http1::Builder::new()
            // One more than the judge lets through, so that the judge's answer is the one given.
            .max_headers(site.head_limits.max_fields.saturating_add(1))
            .max_buf_size(site.head_limits.max_head.saturating_add(limits::BUFFER))
            .serve_connection(
                TokioIo::new(io),
                service_fn(move |request| {
                    // Here, and not in the future, so that it is owed before anything else is read.
                    let owing = caller.conversation.owe();
                    let turn = caller.next_turn();
                    let (site, caller) = (Rc::clone(&site), Rc::clone(&caller));
                    async move {
                        let response = exchange(&site, &caller, turn, request).await;
                        let response: Response<ReplyBody> = response.map(|body| body.owed(owing));
                        Ok::<_, Infallible>(response)
                    }
                }),
            )
            .with_upgrades()
    };
    let mut watch = Watch::new(&conversation, &entrance, &deadline);
    let served = watch.until(|context| Pin::new(&mut server).poll(context)).await;
    match served {
        Some(Ok(())) => {}
        Some(Err(error)) => tracing::debug!(%peer, %error, "a connection broke"),
        None => {
            tracing::debug!(%peer, "a client did not take its answer");
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
            let io = io.into_inner();
            let said = farewell::say(io, &conversation, &entrance.waits, &deadline).await;
            if let Err(error) = said {
                tracing::debug!(%peer, %error, "a connection was gone before its end");
            }
        }
        // A tunnel, which its application serves.
        None => {
            watch.until(|context| gone(&conversation, context)).await;
        }
    }
}

/// Who is at the other end, before it said anything.
fn caller(site: &Site, entrance: &Entrance, peer: IpAddr, conversation: &Conversation) -> Caller {
    let standing = match entrance.audience {
        Audience::Cluster => Standing::of_stranger(peer, site.secret.as_ref()),
        Audience::Public => Standing::Stranger,
    };
    Caller::new(entrance.audience, peer, standing, conversation.clone())
}

/// Ready when nobody holds the connection any more.
fn gone(conversation: &Conversation, context: &mut Context<'_>) -> Poll<()> {
    if conversation.poll_gone(context) { Poll::Ready(()) } else { Poll::Pending }
}

/// The connection, when it was not given back because an upgrade was declined on it.
async fn given_up(declined: Option<OnUpgrade>) -> Option<TokioIo<JudgedIo<TcpStream>>> {
    let upgraded = declined?.await.ok()?;
    let parts = upgraded.downcast::<TokioIo<JudgedIo<TcpStream>>>().ok()?;
    Some(parts.io)
}

/// Ends what takes too long on one connection.
struct Watch<'c> {
    conversation: &'c Conversation,
    deadline: &'c Deadline,
    patience: Patience,
}

impl<'c> Watch<'c> {
    fn new(conversation: &'c Conversation, entrance: &Entrance, deadline: &'c Deadline) -> Self {
        Self { conversation, deadline, patience: Patience::new(entrance.waits) }
    }

    /// Polls until something comes of it, and sees to it that nothing is waited for too long. `None`
    /// when there is nothing left but to drop the connection.
    async fn until<T>(&mut self, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Option<T> {
        loop {
            let armed = self.due();
            let now = self.now();
            let step = poll_fn(|context| match poll(context) {
                Poll::Ready(done) => Poll::Ready(Some(done)),
                Poll::Pending => {
                    let now = self.deadline.list().ticks();
                    self.patience.observe(&self.conversation.state(), now);
                    // A deadline that moved back is found out when the old one has come; one that
                    // moved forward has to be set anew.
                    let sooner = match (self.patience.due(), armed) {
                        (Some((due, _)), Some((armed, _))) => due < armed,
                        (due, None) => due.is_some(),
                        (None, Some(_)) => false,
                    };
                    if sooner { Poll::Ready(None) } else { Poll::Pending }
                }
            });
            let step = match armed {
                Some((due, _)) => self.deadline.within(span(now, due), step).await,
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
        let now = self.now();
        self.patience.observe(&self.conversation.state(), now);
        self.patience.due()
    }

    /// Ends what is over by now, if anything is; `None` when that is the connection.
    fn expire(&mut self) -> Option<()> {
        let now = self.now();
        let over = self.due().filter(|(due, _)| *due <= now);
        let Some((_, what)) = over else { return Some(()) };
        let heads = self.conversation.state().heads;
        match what {
            Expiry::Idle | Expiry::Tunnel => self.conversation.cut(),
            Expiry::Send => return None,
            Expiry::Head => self.conversation.end(Ending {
                status: 408,
                turn: heads + 1,
                in_body: false,
                reason: "the request head took too long".into(),
            }),
            Expiry::Body => self.conversation.end(Ending {
                status: 408,
                turn: heads,
                in_body: true,
                reason: "the request body took too long".into(),
            }),
        }
        Some(())
    }
}

/// The time between two ticks.
fn span(now: u64, due: u64) -> Duration {
    let ticks = u32::try_from(due.saturating_sub(now)).unwrap_or(u32::MAX);
    TICK.saturating_mul(ticks)
}
