//! Bytes of a ring link: the same frames come out however they are cut, and nothing much is reserved.
#![no_main]

use bytes::BytesMut;
use copal_protocol::limits;
use copal_protocol::link_decoder::{BadLink, Decoder};
use copal_protocol::link_frame::{self, LinkFrame};
use copal_protocol::link_reason;

fn decode(data: &[u8], piece: usize) -> (Vec<LinkFrame>, u64, Option<BadLink>) {
    let mut decoder = Decoder::default();
    let (mut arrived, mut frames) = (BytesMut::new(), Vec::new());
    for piece in data.chunks(piece) {
        decoder.reserve(&mut arrived);
        assert!(arrived.capacity() <= 2 * data.len() + limits::RESERVE);
        arrived.extend_from_slice(piece);
        loop {
            match decoder.next(&mut arrived) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(bad) => return (frames, decoder.skipped(), Some(bad)),
            }
        }
    }
    (frames, decoder.skipped(), None)
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let at_once = decode(data, data.len().max(1));
    assert_eq!(decode(data, 1), at_once);
    assert_eq!(decode(data, 7), at_once);
    let mut out = BytesMut::new();
    for frame in &at_once.0 {
        assert!(!link_reason::read(&frame.content).contains('\n'));
        assert_eq!(link_frame::put(&mut out, frame.channel, &frame.content), Ok(()));
    }
    let again = decode(&out, out.len().max(1));
    assert_eq!(again, (at_once.0, 0, None));
});
