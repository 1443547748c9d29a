//! The body of a request, as an application reads it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::Full;
use hyper::body::Incoming;

use crate::conversation::{Conversation, Ending, Turn};
use crate::fields;
use crate::request_end::RequestEnd;

/// The body of a request. It streams: nothing is read before the application asks.
#[derive(Debug)]
pub struct Body {
    source: Source,
}

/// Why a body could not be read to its end. The client is answered in any case; what the
/// application makes of it is not sent.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is longer than `max-body`. The client's fault.
    #[error("the request body is longer than max-body")]
    TooLarge,
    /// It was malformed, too slow, or the connection broke.
    #[error("the request body did not arrive whole: {0}")]
    Broken(#[from] hyper::Error),
}

#[derive(Debug)]
enum Source {
    Client { incoming: Incoming, meter: Meter, over: bool },
    Memory(Full<Bytes>),
}

/// Counts what came, where it is bounded.
#[derive(Debug)]
pub(crate) struct Meter {
    /// Bytes that may still come.
    pub(crate) left: Option<u64>,
    pub(crate) conversation: Conversation,
    pub(crate) turn: Turn,
    pub(crate) end: RequestEnd,
}

impl Body {
    /// A body that is there already, for calling an application in a test.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Self { source: Source::Memory(Full::new(bytes.into())) }
    }

    pub(crate) fn new(incoming: Incoming, meter: Meter) -> Self {
        meter.end.expect();
        Self { source: Source::Client { incoming, meter, over: false } }
    }
}

impl Meter {
    fn count(&mut self, frame: &Frame<Bytes>) -> Result<(), BodyError> {
        let (Some(left), Some(data)) = (&mut self.left, frame.data_ref()) else {
            return Ok(());
        };
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        if let Some(less) = left.checked_sub(length) {
            *left = less;
            return Ok(());
        }
        self.conversation.end(Ending {
            status: 413,
            turn: self.turn,
            in_body: true,
            reason: "the body is longer than max-body".into(),
        });
        Err(BodyError::TooLarge)
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        match &self.source {
            Source::Client { incoming, meter, over }
                if !over && !http_body::Body::is_end_stream(incoming) =>
            {
                meter.end.give_up();
            }
            Source::Client { .. } | Source::Memory(_) => {}
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.get_mut().source {
            Source::Client { incoming, meter, over } => {
                let frame = std::task::ready!(Pin::new(incoming).poll_frame(context));
                *over = frame.is_none();
                Poll::Ready(frame.map(|frame| {
                    let mut frame = frame?;
                    meter.count(&frame)?;
                    if let Some(trailers) = frame.trailers_mut() {
                        fields::clean_trailers(trailers);
                    }
                    Ok(frame)
                }))
            }
            Source::Memory(bytes) => {
                Pin::new(bytes).poll_frame(context).map_err(|never| match never {})
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Client { incoming, .. } => incoming.is_end_stream(),
            Source::Memory(bytes) => bytes.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Client { incoming, .. } => incoming.size_hint(),
            Source::Memory(bytes) => bytes.size_hint(),
        }
    }
}
