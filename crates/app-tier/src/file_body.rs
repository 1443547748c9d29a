//! The content of a file, piece by piece.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use copal_serve::files::file_answer::Segment;
use copal_serve::files::range::Span;
use copal_session::web_app::WebApp;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::any_body::AnyBody;
use crate::delivery::Delivery;
use crate::limits::FILE_PIECE;
use crate::reply_body::ReplyBody;

/// The content of a file, piece by piece. At most one piece is in memory.
pub(crate) struct FileBody {
    file: Arc<File>,
    left: u64,
    segments: VecDeque<Segment>,
    reading: Option<JoinHandle<io::Result<Vec<u8>>>>,
}

impl FileBody {
    /// The segments in their order; [`Segment::File`] is read from `file`.
    pub(crate) fn new(file: File, segments: Vec<Segment>) -> Self {
        Self {
            file: Arc::new(file),
            left: segments.iter().map(Segment::length).sum(),
            segments: segments.into(),
            reading: None,
        }
    }

    /// As the body of an answer.
    pub(crate) fn into_reply(self, web_app: &Arc<WebApp>) -> ReplyBody {
        ReplyBody::stream(Delivery::new(AnyBody::new(self), None, Arc::clone(web_app)))
    }

    /// The next piece of memory, or the read that brings the next piece of the file.
    fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.segments.front_mut()? {
                Segment::Bytes(bytes) => {
                    let bytes = Bytes::from(std::mem::take(bytes));
                    self.segments.pop_front();
                    return Some(bytes);
                }
                Segment::File(Span { length: 0, .. }) => {
                    self.segments.pop_front();
                }
                Segment::File(span) => {
                    let count = usize::try_from(span.length).unwrap_or(FILE_PIECE).min(FILE_PIECE);
                    let (file, offset) = (Arc::clone(&self.file), span.offset);
                    let step = u64::try_from(count).unwrap_or_default();
                    span.offset += step;
                    span.length -= step;
                    let read = move || {
                        let mut piece = vec![0; count];
                        // Ends early when the file was cut: then the connection is broken off.
                        file.read_exact_at(&mut piece, offset).map(|()| piece)
                    };
                    self.reading = Some(spawn_blocking(read));
                    return None;
                }
            }
        }
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        let mut piece = None;
        if this.reading.is_none() {
            piece = this.next();
        }
        if let Some(reading) = &mut this.reading {
            let read = ready!(Pin::new(reading).poll(context));
            this.reading = None;
            piece = Some(Bytes::from(read.map_err(io::Error::other)??));
        }
        let length = piece.as_ref().map_or(0, Bytes::len);
        this.left = (this.left).saturating_sub(u64::try_from(length).unwrap_or(u64::MAX));
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
