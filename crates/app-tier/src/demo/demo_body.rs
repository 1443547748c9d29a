//! The body of an answer of the demo application.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::limits::DEMO_PIECE;

/// What long answers are made of.
static PIECE: [u8; DEMO_PIECE] = [b'x'; DEMO_PIECE];

/// The body of an answer of the demo application.
#[derive(Debug, Clone)]
pub enum DemoBody {
    /// These bytes.
    Memory(Bytes),
    /// So many bytes, made while they are sent.
    Filling(u64),
}

impl Body for DemoBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match self.get_mut() {
            Self::Memory(bytes) => std::mem::take(bytes),
            Self::Filling(left) => {
                let count = usize::try_from(*left).unwrap_or(usize::MAX);
                let piece = Bytes::from_static(PIECE.get(..count).unwrap_or(&PIECE));
                *left -= u64::try_from(piece.len()).unwrap_or(*left).min(*left);
                piece
            }
        };
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Memory(bytes) => bytes.is_empty(),
            Self::Filling(left) => *left == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Memory(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::Filling(left) => *left,
        })
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_long_answer_is_as_long_as_it_says() {
        for count in [0, 1, 16_384, 16_385, 100_000] {
            let body = DemoBody::Filling(count);
            assert_eq!(body.size_hint().exact(), Some(count));
            let collected = body.collect().await.unwrap().to_bytes();
            assert_eq!(u64::try_from(collected.len()).unwrap(), count);
        }
    }
}
