//! A body of any data and any error.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use crate::box_error::BoxError;

/// A piece of a body, or why there is none.
pub(crate) type Piece = Result<Frame<Bytes>, BoxError>;

/// A body of any data and any error.
pub(crate) trait Untyped {
    fn next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Piece>>;
    fn is_over(&self) -> bool;
    fn length(&self) -> SizeHint;
}

impl<B> Untyped for B
where
    B: Body,
    B::Error: Into<BoxError>,
{
    fn next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Piece>> {
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
