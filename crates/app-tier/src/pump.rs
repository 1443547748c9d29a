//! A body that is read on the runtime of all applications, where it may block.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::SizeHint;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::box_error::BoxError;
use crate::limits;
use crate::panicked::said;
use crate::untyped::{Piece, Untyped};

/// The receiving end of a body that is read on the runtime of all applications. Dropping it ends
/// the reading.
pub(crate) struct Pump {
    pieces: mpsc::Receiver<Pumped>,
    task: JoinHandle<()>,
    over: bool,
    length: SizeHint,
}

/// A piece, and how the body stands after it.
struct Pumped {
    piece: Piece,
    over: bool,
    length: SizeHint,
}

impl Pumped {
    fn of(piece: Piece, body: &(impl Untyped + ?Sized)) -> Self {
        Self { piece, over: body.is_over(), length: body.length() }
    }
}

impl Pump {
    /// Reads `body` in `runtime`; `first` was read already.
    pub(crate) fn start(
        body: Pin<Box<dyn Untyped + Send>>,
        first: Option<Piece>,
        runtime: &Handle,
    ) -> Self {
        let (sender, pieces) = mpsc::channel(limits::PIECES_AHEAD);
        let mut length = body.length();
        if let Some(Ok(frame)) = &first {
            let data = frame.data_ref().map_or(0, bytes::Bytes::len);
            let exact = length.exact().map(|left| left + u64::try_from(data).unwrap_or_default());
            length = exact.map_or(length, SizeHint::with_exact);
        }
        let task = runtime.spawn(pump(body, first, sender));
        Self { pieces, task, over: false, length }
    }

    pub(crate) fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        if self.over {
            return Poll::Ready(None);
        }
        if let Some(pumped) = ready!(self.pieces.poll_recv(context)) {
            self.over = pumped.over || pumped.piece.is_err();
            self.length = pumped.length;
            return Poll::Ready(Some(pumped.piece));
        }
        let ended = ready!(Pin::new(&mut self.task).poll(context));
        self.over = true;
        Poll::Ready(ended.err().map(|error| {
            let what = match error.try_into_panic() {
                Ok(panic) => format!("it panicked: {}", said(&*panic)),
                Err(_) => "it was stopped".to_owned(),
            };
            Err(BoxError::from(what))
        }))
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    pub(crate) const fn length(&self) -> SizeHint {
        self.length
    }
}

async fn pump(
    mut body: Pin<Box<dyn Untyped + Send>>,
    first: Option<Piece>,
    sender: mpsc::Sender<Pumped>,
) {
    let mut next = first;
    loop {
        let piece = match next.take() {
            Some(piece) => Some(piece),
            None => std::future::poll_fn(|context| body.as_mut().next(context)).await,
        };
        let Some(piece) = piece else { return };
        let pumped = Pumped::of(piece, &*body);
        let last = pumped.over || pumped.piece.is_err();
        if sender.send(pumped).await.is_err() || last {
            return;
        }
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.task.abort();
    }
}
