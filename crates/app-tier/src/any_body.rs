//! The body of an application's answer, without its type.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use tokio::runtime::Handle;

use crate::box_error::BoxError;

/// The body of an application's answer, without its type. What it knows of its length is kept.
pub(crate) struct AnyBody {
    body: Pin<Box<dyn Untyped + Send>>,
    /// Where the timers and tasks belong that the body makes while it is read; it is read on a
    /// connection's thread.
    runtime: Option<Handle>,
}

impl AnyBody {
    pub(crate) fn new<B>(body: B) -> Self
    where
        B: Body + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self { body: Box::pin(body), runtime: None }
    }

    /// The same, at home in `runtime`.
    pub(crate) fn of(mut self, runtime: Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }
}

/// A body of any data and any error.
trait Untyped {
    fn next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>>;
    fn is_over(&self) -> bool;
    fn length(&self) -> SizeHint;
}

impl<B> Untyped for B
where
    B: Body,
    B::Error: Into<BoxError>,
{
    fn next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.poll_frame(context).map(|next| {
            next.map(|frame| {
                let frame = frame.map_err(Into::into)?;
                // Of data that is `Bytes` already nothing is copied.
                Ok(frame.map_data(|mut data| data.copy_to_bytes(data.remaining())))
            })
        })
    }

    fn is_over(&self) -> bool {
        self.is_end_stream()
    }

    fn length(&self) -> SizeHint {
        self.size_hint()
    }
}

impl Body for AnyBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let _entered = this.runtime.as_ref().map(Handle::enter);
        this.body.as_mut().next(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_over()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.length()
    }
}

impl std::fmt::Debug for AnyBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnyBody").finish_non_exhaustive()
    }
}
