//! The body of an answer, on its way to the client.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::box_error::BoxError;
use crate::conversation::Owing;
use crate::delivery::Delivery;
use crate::late_saves::LateSave;
use crate::tally::Tally;

/// The body of an answer, on its way to the client.
#[derive(Debug)]
pub(crate) struct ReplyBody {
    source: Source,
    /// Dropped with the body: hyper drops a body when the last of it is written.
    owing: Option<(Owing, Option<Tally>)>,
    /// Dropped as soon as there is no more to come.
    late: Option<LateSave>,
}

#[derive(Debug)]
enum Source {
    Memory(Option<Bytes>),
    Stream(Delivery),
}

impl ReplyBody {
    /// Bytes that are there already.
    pub(crate) fn bytes(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self {
            source: Source::Memory(Some(bytes).filter(|bytes| !bytes.is_empty())),
            owing: None,
            late: None,
        }
    }

    /// What an application or a file gives, piece by piece.
    pub(crate) fn stream(body: Delivery) -> Self {
        Self { source: Source::Stream(body), owing: None, late: None }
    }

    /// When there is no more to come, this is saved.
    pub(crate) fn saved_by(mut self, late: Option<LateSave>) -> Self {
        self.late = late;
        self
    }

    /// The answer is owed, and counted as running, until this body is dropped.
    pub(crate) fn owed(mut self, owing: Owing, tally: Option<Tally>) -> Self {
        self.owing = Some((owing, tally));
        self
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let frame = match &mut this.source {
            Source::Memory(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Source::Stream(stream) => Pin::new(stream).poll_frame(context),
        };
        if this.late.is_some() {
            let is_last = match &frame {
                Poll::Pending => false,
                Poll::Ready(Some(Ok(_))) => this.is_end_stream(),
                Poll::Ready(None | Some(Err(_))) => true,
            };
            drop(this.late.take_if(|_| is_last));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Memory(bytes) => bytes.is_none(),
            Source::Stream(stream) => stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Memory(bytes) => {
                let length = bytes.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
            }
            Source::Stream(stream) => stream.size_hint(),
        }
    }
}
