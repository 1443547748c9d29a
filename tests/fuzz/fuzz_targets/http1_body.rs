//! A body is the same however it arrives, and chunks that are written anew carry the same bytes.
#![no_main]

use copal_http1::body::{BadBody, Body};
use copal_http1::chunk;
use copal_http1::framing::Framing;

/// The payload, the bytes read, and whether the body is complete.
type Decoded = Result<(Vec<u8>, usize, bool), BadBody>;

fn decode(framing: Framing, input: &[u8], portion: usize) -> Decoded {
    let mut body = Body::new(framing);
    let (mut data, mut at, mut end) = (Vec::new(), 0, 0);
    while end < input.len() && !body.is_done() {
        end = (end + portion).min(input.len());
        loop {
            let piece = body.decode(&input[at..end])?;
            data.extend_from_slice(&input[at + piece.skip..at + piece.skip + piece.data]);
            at += piece.skip + piece.data;
            assert_eq!(piece.done, body.is_done());
            if piece.done || piece.skip + piece.data == 0 {
                break;
            }
        }
        assert!(body.is_done() || at == end, "everything at hand is read");
    }
    Ok((data, at, body.is_done()))
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let [kind, number, input @ ..] = data else {
        return;
    };
    let framing = match kind % 4 {
        0 => Framing::None,
        1 => Framing::Length(u64::from(*number)),
        2 => Framing::Chunked,
        _ => Framing::UntilClose,
    };
    let whole = decode(framing, input, usize::MAX / 2);
    let parts = decode(framing, input, usize::from(*number % 16) + 1);
    assert_eq!(whole, parts);
    let Ok((data, read, done)) = whole else {
        return;
    };
    assert!(data.len() <= read && read <= input.len());
    if framing == Framing::Chunked && done {
        let mut written = Vec::new();
        if !data.is_empty() {
            chunk::size_line(&mut written, data.len());
            written.extend_from_slice(&data);
            written.extend_from_slice(chunk::END);
        }
        written.extend_from_slice(chunk::LAST);
        let length = written.len();
        assert_eq!(
            decode(framing, &written, usize::MAX / 2),
            Ok((data, length, true))
        );
    }
});
