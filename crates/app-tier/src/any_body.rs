//! The body of an application's answer, without its type.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::runtime::Handle;

use crate::box_error::BoxError;
use crate::pump::Pump;
use crate::untyped::{Piece, Untyped};

/// The body of an application's answer, without its type. What it knows of its length is kept.
pub(crate) enum AnyBody {
    /// Read where it is sent.
    InPlace(Pin<Box<dyn Untyped + Send>>),
    /// In memory: one piece, or nothing.
    Whole(Option<Frame<Bytes>>),
    /// Read elsewhere, because it may block.
    Pumped(Pump),
}

impl AnyBody {
    pub(crate) fn new<B>(body: B) -> Self
    where
        B: Body + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self::InPlace(Box::pin(body))
    }

    /// Nothing.
    pub(crate) const fn empty() -> Self {
        Self::Whole(None)
    }

    /// The same, read in `runtime`; to be called there.
    ///
    /// The first piece of a body that knows its length is taken at once: usually it is everything,
    /// and then nobody has to wait for it on another thread.
    pub(crate) async fn pumped(self, runtime: &Handle) -> Self {
        let Self::InPlace(mut body) = self else { return self };
        if body.is_over() {
            return Self::empty();
        }
        let mut first = None;
        if body.length().exact().is_some() {
            let now = |context: &mut Context<'_>| Poll::Ready(body.as_mut().next(context));
            first = match std::future::poll_fn(now).await {
                Poll::Pending => None,
                Poll::Ready(None) => return Self::empty(),
                Poll::Ready(Some(Ok(frame))) if body.is_over() => return Self::Whole(Some(frame)),
                Poll::Ready(first) => first,
            };
        }
        Self::Pumped(Pump::start(body, first, runtime))
    }
}

impl Body for AnyBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        match self.get_mut() {
            Self::InPlace(body) => body.as_mut().next(context),
            Self::Whole(frame) => Poll::Ready(frame.take().map(Ok)),
            Self::Pumped(pump) => pump.next(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::InPlace(body) => body.is_over(),
            Self::Whole(frame) => frame.is_none(),
            Self::Pumped(pump) => pump.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::InPlace(body) => body.length(),
            Self::Whole(frame) => {
                let data = frame.as_ref().and_then(Frame::data_ref).map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(data).unwrap_or(u64::MAX))
            }
            Self::Pumped(pump) => pump.length(),
        }
    }
}

impl std::fmt::Debug for AnyBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnyBody").finish_non_exhaustive()
    }
}
