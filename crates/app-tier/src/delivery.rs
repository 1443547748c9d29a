//! The body of a web-app's answer while it is delivered: caught when it fails, held to its length.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use copal_session::web_app::WebApp;
use http_body::{Body, Frame, SizeHint};

use crate::any_body::AnyBody;
use crate::box_error::BoxError;
use crate::fields;
use crate::panicked::said;
use crate::untyped::Piece;

/// The body of a web-app's answer while it is delivered.
pub(crate) struct Delivery {
    body: AnyBody,
    web_app: Arc<WebApp>,
    /// Bytes that are still to come, where the head says how many there are.
    left: Option<u64>,
    /// Why it failed, until that is passed on.
    failure: Option<BoxError>,
    over: bool,
}

impl Delivery {
    /// `length` is what the head says of it, if anything.
    pub(crate) fn new(body: AnyBody, length: Option<u64>, web_app: Arc<WebApp>) -> Self {
        let left = length.or_else(|| body.size_hint().exact());
        Self { body, web_app, left, failure: None, over: false }
    }

    /// The next piece; what goes wrong is an error.
    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        let body = Pin::new(&mut self.body);
        // It is not polled again after a panic.
        let next = catch_unwind(AssertUnwindSafe(|| body.poll_frame(context)));
        let next = match next {
            Ok(next) => ready!(next),
            Err(panic) => Some(Err(format!("it panicked: {}", said(&*panic)).into())),
        };
        let next = next.map(|piece| piece.map(cleaned));
        let Some(left) = &mut self.left else {
            return Poll::Ready(next);
        };
        let ended = match &next {
            Some(Ok(frame)) => frame.is_trailers(),
            Some(Err(_)) => false,
            None => true,
        };
        if ended && *left > 0 {
            let short = format!("it ended {left} bytes before the length that was promised");
            return Poll::Ready(Some(Err(short.into())));
        }
        if let Some(Ok(frame)) = &next {
            let data = u64::try_from(frame.data_ref().map_or(0, Bytes::len)).unwrap_or(u64::MAX);
            let Some(less) = left.checked_sub(data) else {
                return Poll::Ready(Some(Err("it is longer than what was promised".into())));
            };
            *left = less;
        }
        Poll::Ready(next)
    }
}

/// Trailers cannot say what the head may not.
fn cleaned(mut frame: Frame<Bytes>) -> Frame<Bytes> {
    if let Some(trailers) = frame.trailers_mut() {
        fields::clean_response(trailers, false);
    }
    frame
}

impl Body for Delivery {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        let this = self.get_mut();
        if let Some(error) = this.failure.take() {
            this.over = true;
            return Poll::Ready(Some(Err(error)));
        }
        if this.over {
            return Poll::Ready(None);
        }
        match ready!(this.next(context)) {
            Some(Err(error)) => {
                let web_app = this.web_app.path();
                tracing::error!(web_app, %error, "an application failed in its body");
                this.failure = Some(error);
                // The server writes out what it has before it asks again: the head at least.
                context.waker().wake_by_ref();
                Poll::Pending
            }
            next => {
                this.over = next.is_none();
                Poll::Ready(next)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let all = self.left.is_none_or(|left| left == 0);
        self.over || (self.failure.is_none() && all && self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(|| self.body.size_hint(), SizeHint::with_exact)
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery").field("left", &self.left).finish_non_exhaustive()
    }
}
