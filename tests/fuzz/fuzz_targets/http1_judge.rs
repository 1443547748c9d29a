//! The judge passes what the codec accepts and nothing else, however it arrives.
#![no_main]

use copal_http1::body::Body;
use copal_http1::judge::{Judge, Verdict};
use copal_http1::limits::HeadLimits;
use copal_http1::refusal::Refusal;
use copal_http1::request_head::RequestHead;

const LIMITS: HeadLimits = HeadLimits {
    max_head: 2000,
    max_fields: 20,
    max_uri: 200,
};

/// How many bytes of the stream are good, and what is wrong with the next.
fn good(input: &[u8]) -> (usize, Option<Refusal>) {
    let mut at = 0;
    loop {
        let head = match RequestHead::parse(&input[at..], &LIMITS) {
            Ok(Some(head)) => head,
            Ok(None) => return (at, None),
            Err(refusal) => return (at, Some(refusal)),
        };
        at += head.length;
        let mut body = Body::new(head.framing);
        while !body.is_done() {
            match body.decode(&input[at..]) {
                Ok(piece) if piece.skip + piece.data == 0 => return (at, None),
                Ok(piece) => at += piece.skip + piece.data,
                Err(bad) => return (at, Some(bad.into())),
            }
        }
    }
}

fn judged(input: &[u8], portion: usize) -> (usize, Option<Refusal>) {
    let mut judge = Judge::new(LIMITS);
    let (mut passed, mut end) = (0, 0);
    while end < input.len() {
        end = (end + portion).min(input.len());
        loop {
            match judge.feed(&input[passed..end]) {
                Verdict::Pass(bytes) => passed += bytes,
                Verdict::More => break,
                Verdict::Undecided => judge.no_tunnel(),
                Verdict::Refuse(refusal) => return (passed, Some(refusal)),
            }
        }
    }
    (passed, None)
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((portion, input)) = data.split_first() else {
        return;
    };
    let (good, refusal) = good(input);
    let (passed, refused) = judged(input, usize::MAX / 2);
    // What comes with a bad chunk is held back with it.
    assert!(
        passed == good || (refusal.is_some() && passed < good),
        "{passed} of {good}"
    );
    assert_eq!(refused, refusal);
    let (passed, refused) = judged(input, usize::from(*portion) + 1);
    assert!(passed == good || refusal.is_some(), "{passed} of {good}");
    assert_eq!(refused.is_some(), refusal.is_some());
});
