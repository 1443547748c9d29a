//! It makes no difference in which portions the bytes arrive.

use copal_http1::judge::{Judge, Verdict};
use copal_http1::request_head::RequestHead;
use copal_http1::response_head::{ResponseHead, ResponseLimits};
use proptest::prelude::*;

use crate::grammar::{Dice, stream};
use crate::ours::{self, LIMITS};
use crate::rows::rows;

/// A head that is accepted is incomplete in every shorter prefix; a head that is refused is
/// incomplete or refused in it; and a refusal of a prefix stands.
fn check_prefixes(input: &[u8]) {
    let whole = RequestHead::parse(input, &LIMITS);
    let end = whole.as_ref().ok().and_then(|head| head.as_ref()).map(|head| head.length);
    let mut refused = false;
    for length in 0..input.len().min(2000) {
        match RequestHead::parse(&input[..length], &LIMITS) {
            Ok(Some(head)) => {
                assert!(!refused, "accepted after a refusal: {}", input.escape_ascii());
                assert_eq!(Some(head.length), end, "{}", input.escape_ascii());
                assert!(length >= head.length);
            }
            Ok(None) => {
                assert!(!refused, "incomplete after a refusal: {}", input.escape_ascii());
                assert!(end.is_none_or(|end| length < end), "{}", input.escape_ascii());
            }
            Err(_) => {
                refused = true;
                assert!(whole.is_err(), "{length} of {}", input.escape_ascii());
            }
        }
    }
}

#[test]
fn a_prefix_of_a_head_never_means_something_else() {
    for row in rows() {
        check_prefixes(&row.input);
    }
    for seed in 0..500 {
        check_prefixes(&stream(seed));
    }
}

#[test]
fn a_judge_passes_exactly_what_the_codec_accepts_however_it_arrives() {
    let streams = rows().into_iter().map(|row| row.input).chain((0..2000).map(stream));
    for (seed, input) in (1..).zip(streams) {
        let ours = ours::read(&input);
        let mut dice = Dice::new(seed);
        let mut cuts: Vec<usize> = (0..5).map(|_| dice.roll(input.len() + 1)).collect();
        cuts.sort_unstable();
        let (passed, refused) = ours::judge(&input, &cuts);
        if ours.ended {
            assert!(passed >= ours.accepted, "{}", input.escape_ascii());
        } else {
            assert_eq!(refused.is_some(), ours.refused.is_some(), "{}", input.escape_ascii());
            assert!(passed >= ours.accepted, "{}", input.escape_ascii());
        }
    }
}

#[test]
fn nothing_passes_after_a_refused_head() {
    let mut judge = Judge::new(LIMITS);
    assert!(matches!(judge.feed(b"GET / HTTP/1.1\r\n\r\n"), Verdict::Refuse(_)));
    assert!(matches!(judge.feed(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), Verdict::Refuse(_)));
}

proptest! {
    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..600), head: bool) {
        let _ = ours::read(&bytes);
        let _ = ours::judge(&bytes, &[]);
        let limits = ResponseLimits { max_head: 400, lenient: head };
        let _ = ResponseHead::parse(&bytes, head, &limits);
    }

    #[test]
    fn a_prefix_of_a_response_never_means_something_else(seed: u64, lenient: bool) {
        let mut dice = Dice::new(seed);
        let request = stream(seed);
        let rest = &request[request.iter().position(|&byte| byte == b'\n').map_or(0, |at| at + 1)..];
        let status = ["200 OK", "204", "304 Not Modified", "101 x", "99 x", "200"][dice.roll(6)];
        let input = [format!("HTTP/1.1 {status}\r\n").as_bytes(), rest].concat();
        let limits = ResponseLimits { max_head: 4096, lenient };
        let whole = ResponseHead::parse(&input, false, &limits);
        let end = whole.as_ref().ok().and_then(|head| head.as_ref()).map(|head| head.length);
        for length in 0..input.len() {
            match ResponseHead::parse(&input[..length], false, &limits) {
                Ok(Some(head)) => prop_assert_eq!(Some(head.length), end),
                Ok(None) => prop_assert!(end.is_none_or(|end| length < end)),
                Err(_) => prop_assert!(whole.is_err()),
            }
        }
    }
}
