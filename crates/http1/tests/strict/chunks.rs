//! What is written in chunks is read back, however it arrives.

use copal_http1::body::Body;
use copal_http1::chunk;
use copal_http1::framing::Framing;
use proptest::prelude::*;

/// The payload of a body that arrives in portions which end at `cuts`; and the bytes read.
fn decode(input: &[u8], framing: Framing, cuts: &[usize]) -> Option<(Vec<u8>, usize)> {
    let mut body = Body::new(framing);
    let (mut data, mut at) = (Vec::new(), 0);
    for end in cuts.iter().copied().chain([input.len()]) {
        while !body.is_done() {
            let piece = body.decode(&input[at..end.max(at)]).ok()?;
            data.extend_from_slice(&input[at + piece.skip..at + piece.skip + piece.data]);
            at += piece.skip + piece.data;
            assert_eq!(piece.done, body.is_done());
            if piece.skip + piece.data == 0 {
                break;
            }
        }
    }
    body.is_done().then_some((data, at))
}

proptest! {
    #[test]
    fn chunks_are_read_back(
        chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..400), 0..6),
        extension in prop::sample::select(vec!["", ";a", ";a=\"b\""]),
        trailer in prop::sample::select(vec!["", "A: b\r\n", "Content-Length: 3\r\nB:\r\n"]),
        after in prop::collection::vec(any::<u8>(), 0..20),
        mut cuts in prop::collection::vec(0_usize..2500, 0..8),
    ) {
        let mut wire = Vec::new();
        for data in &chunks {
            chunk::size_line(&mut wire, data.len());
            wire.truncate(wire.len() - 2);
            wire.extend_from_slice(extension.as_bytes());
            wire.extend_from_slice(chunk::END);
            wire.extend_from_slice(data);
            wire.extend_from_slice(chunk::END);
        }
        wire.extend_from_slice(b"0\r\n");
        wire.extend_from_slice(trailer.as_bytes());
        wire.extend_from_slice(chunk::END);
        let length = wire.len();
        wire.extend_from_slice(&after);
        cuts.iter_mut().for_each(|cut| *cut = (*cut).min(wire.len()));
        cuts.sort_unstable();
        let whole = decode(&wire, Framing::Chunked, &[]);
        prop_assert_eq!(&whole, &Some((chunks.concat(), length)));
        prop_assert_eq!(decode(&wire, Framing::Chunked, &cuts), whole);
    }

    #[test]
    fn a_length_takes_as_many_bytes(
        wire in prop::collection::vec(any::<u8>(), 0..300),
        length in 0_usize..300,
        cut in 0_usize..300,
    ) {
        let framing = Framing::Length(length.try_into().unwrap());
        let expected = wire.get(..length).map(|data| (data.to_vec(), length));
        prop_assert_eq!(decode(&wire, framing, &[cut.min(wire.len())]), expected);
    }

    #[test]
    fn any_chunks_are_answered(wire in "[0-9a-f;:\r\n A\u{0}]{0,60}", cut in 0_usize..60) {
        let whole = decode(wire.as_bytes(), Framing::Chunked, &[]);
        let parts = decode(wire.as_bytes(), Framing::Chunked, &[cut.min(wire.len())]);
        prop_assert_eq!(whole, parts);
    }
}

#[test]
fn the_last_chunk_ends_a_body() {
    assert_eq!(decode(chunk::LAST, Framing::Chunked, &[]), Some((Vec::new(), chunk::LAST.len())));
}

#[test]
fn extensions_and_trailers_have_bounds() {
    let good = format!("1;{}\r\nx\r\n0\r\n\r\n", "a".repeat(8 << 10));
    let bad = format!("1;{}\r\nx\r\n0;a\r\n\r\n", "a".repeat(8 << 10));
    assert!(decode(good.as_bytes(), Framing::Chunked, &[]).is_some());
    assert!(decode(bad.as_bytes(), Framing::Chunked, &[]).is_none());
    let good = format!("0\r\n{}\r\n", "a:\r\n".repeat(64));
    let bad = format!("0\r\n{}\r\n", "a:\r\n".repeat(65));
    assert!(decode(good.as_bytes(), Framing::Chunked, &[]).is_some());
    assert!(decode(bad.as_bytes(), Framing::Chunked, &[]).is_none());
    let good = format!("0\r\na:{}\r\n\r\n", "b".repeat((8 << 10) - 2));
    let bad = format!("0\r\na:{}\r\n\r\n", "b".repeat((8 << 10) - 1));
    assert!(decode(good.as_bytes(), Framing::Chunked, &[]).is_some());
    assert!(decode(bad.as_bytes(), Framing::Chunked, &[]).is_none());
}

#[test]
fn only_a_body_until_close_may_end_with_the_connection() {
    assert!(Body::new(Framing::UntilClose).end_of_input().is_ok());
    assert!(Body::new(Framing::None).end_of_input().is_ok());
    assert!(Body::new(Framing::Length(1)).end_of_input().is_err());
    assert!(Body::new(Framing::Chunked).end_of_input().is_err());
}
