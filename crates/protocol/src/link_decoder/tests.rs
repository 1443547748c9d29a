//! Frames come out as they were put in, in whatever pieces their bytes arrive.

use proptest::prelude::*;

use super::*;
use crate::link_frame::put;

/// A channel by its number, also one of a later version, and the content.
fn sent() -> impl Strategy<Value = Vec<(u8, Vec<u8>)>> {
    prop::collection::vec((0..9_u8, prop::collection::vec(any::<u8>(), 0..20)), 0..6)
}

fn bytes_of(frames: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (number, content) in frames {
        out.extend(u32::try_from(content.len() + 1).unwrap().to_be_bytes());
        out.push(*number);
        out.extend(content);
    }
    out
}

/// All frames that come out when these pieces arrive, and how it ends.
fn decode<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<LinkFrame>, u64, Result<(), BadLink>) {
    let mut decoder = Decoder::default();
    let (mut arrived, mut frames) = (BytesMut::new(), Vec::new());
    for piece in pieces {
        decoder.reserve(&mut arrived);
        arrived.extend_from_slice(piece);
        loop {
            match decoder.next(&mut arrived) {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(bad) => return (frames, decoder.skipped(), Err(bad)),
            }
        }
    }
    (frames, decoder.skipped(), Ok(()))
}

proptest! {
    #[test]
    fn known_frames_come_out_and_others_are_counted(sent in sent()) {
        let bytes = bytes_of(&sent);
        let (frames, skipped, end) = decode([&bytes[..]]);
        let known: Vec<LinkFrame> = sent
            .iter()
            .filter_map(|(number, content)| {
                let channel = Channel::from_number(*number)?;
                Some(LinkFrame { channel, content: content.clone().into() })
            })
            .collect();
        prop_assert_eq!(skipped, u64::try_from(sent.len() - known.len()).unwrap());
        prop_assert_eq!((frames, end), (known, Ok(())));
    }

    #[test]
    fn byte_by_byte_is_the_same_as_at_once(sent in sent(), noise: Vec<u8>) {
        let bytes = [bytes_of(&sent), noise].concat();
        prop_assert_eq!(decode(bytes.chunks(1)), decode([&bytes[..]]));
        prop_assert_eq!(decode(bytes.chunks(7)), decode([&bytes[..]]));
    }

    #[test]
    fn what_is_put_comes_out(content: Vec<u8>) {
        let mut out = BytesMut::new();
        put(&mut out, Channel::Session, &content).unwrap();
        let frame = LinkFrame { channel: Channel::Session, content: content.into() };
        prop_assert_eq!(decode([&out[..]]), (vec![frame], 0, Ok(())));
    }
}

#[test]
fn a_length_beyond_the_limit_is_refused_before_anything_is_reserved() {
    let too_long = |length, limit| BadLink::TooLong(TooLong { length, limit });
    #[rustfmt::skip]
    let table: &[(&[u8], Option<BadLink>)] = &[
        (&[0, 0, 0, 0],          Some(BadLink::NoChannel)),
        (&[0xff; 4],             Some(too_long(0xffff_fffe, 16 << 20))),
        (&[1, 0, 0, 2],          Some(too_long((16 << 20) + 1, 16 << 20))),
        (&[1, 0, 0, 1],          None),
        (&[1, 0, 0, 1, 4],       None),
        (&[1, 0, 0, 1, 99],      None),
        (&[1, 0, 0, 1, 1],       Some(too_long(16 << 20, 64 << 10))),
        (&[0, 1, 0, 2, 1],       Some(too_long((64 << 10) + 1, 64 << 10))),
        (&[0, 1, 0, 1, 1],       None),
        (&[0, 0, 16, 2, 5],      Some(too_long(4097, 4096))),
        (&[0, 0, 16, 1, 5],      None),
    ];
    for (bytes, bad) in table {
        let mut arrived = BytesMut::from(*bytes);
        let mut decoder = Decoder::default();
        let end = decoder.next(&mut arrived);
        assert_eq!(end, bad.map_or(Ok(None), Err), "{bytes:x?}");
        decoder.reserve(&mut arrived);
        assert!(arrived.capacity() <= limits::RESERVE + bytes.len(), "{bytes:x?}");
        if bad.is_some() {
            assert_eq!(decoder.next(&mut arrived), end, "it does not recover");
        }
    }
}

#[test]
fn memory_grows_with_what_arrives() {
    let mut arrived = BytesMut::new();
    let (decoder, head) = (Decoder::default(), [1, 0, 0, 1, 4]);
    for byte in head.into_iter().chain(std::iter::repeat_n(b'x', 300_000)) {
        decoder.reserve(&mut arrived);
        assert!(arrived.capacity() <= 2 * arrived.len() + limits::RESERVE);
        arrived.extend_from_slice(&[byte]);
    }
}

#[test]
fn an_unknown_frame_is_never_kept_as_a_whole() {
    let mut decoder = Decoder::default();
    let mut arrived = BytesMut::from(&[1, 0, 0, 1, 99][..]);
    for _ in 0..256 {
        assert_eq!(decoder.next(&mut arrived), Ok(None));
        assert!(arrived.is_empty());
        decoder.reserve(&mut arrived);
        assert!(arrived.capacity() <= 2 * limits::RESERVE);
        arrived.extend_from_slice(&[0; 64 << 10]);
    }
    put(&mut arrived, Channel::Goodbye, b"x").unwrap();
    assert_eq!(decoder.next(&mut arrived).unwrap().unwrap().channel, Channel::Goodbye);
    assert_eq!(decoder.skipped(), 1);
}

/// What is kept of a frame keeps no more than that frame in memory, and a large one is not copied.
#[test]
fn small_frames_have_their_own_memory_and_large_ones_are_not_copied() {
    for (length, own) in [(limits::COPIED, true), (limits::COPIED + 1, false)] {
        let mut arrived = BytesMut::new();
        put(&mut arrived, Channel::Session, &vec![b'x'; length]).unwrap();
        let (start, end) = (arrived.as_ptr() as usize, arrived.as_ptr() as usize + arrived.len());
        let frame = Decoder::default().next(&mut arrived).unwrap().unwrap();
        let place = frame.content.as_ptr() as usize;
        assert_eq!(!(start..end).contains(&place), own, "{length}");
        assert_eq!(frame.content.len(), length);
    }
}
