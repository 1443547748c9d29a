//! The codec as a reader of a stream.

use copal_http1::body::Body;
use copal_http1::judge::{Judge, Verdict};
use copal_http1::limits::HeadLimits;
use copal_http1::refusal::Refusal;
use copal_http1::request_head::RequestHead;
use copal_http1::version::Version;

use crate::reading::{Message, latin1};

/// The limits that the configuration has when nobody says otherwise.
pub(crate) const LIMITS: HeadLimits =
    HeadLimits { max_head: 32 << 10, max_fields: 100, max_uri: 8 << 10 };

/// How the codec understood a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ours {
    pub(crate) messages: Vec<Message>,
    /// Bytes of all complete messages.
    pub(crate) accepted: usize,
    /// Bytes after which nothing is read as HTTP: a close, or perhaps a tunnel.
    pub(crate) ended: bool,
    pub(crate) refused: Option<Refusal>,
}

/// Reads all messages of a stream, to its end, the first close, upgrade or refusal.
pub(crate) fn read(input: &[u8]) -> Ours {
    let mut ours = Ours::default();
    while !ours.ended {
        let rest = &input[ours.accepted..];
        match read_message(rest, &mut ours) {
            Ok(Some(length)) => ours.accepted += length,
            Ok(None) => break,
            Err(refusal) => {
                ours.refused = Some(refusal);
                break;
            }
        }
    }
    ours
}

fn read_message(input: &[u8], ours: &mut Ours) -> Result<Option<usize>, Refusal> {
    let Some(head) = RequestHead::parse(input, &LIMITS)? else {
        return Ok(None);
    };
    let mut at = head.length;
    let mut body = Body::new(head.framing);
    let mut data = Vec::new();
    while !body.is_done() {
        let piece = body.decode(&input[at..])?;
        data.extend_from_slice(&input[at + piece.skip..at + piece.skip + piece.data]);
        at += piece.skip + piece.data;
        if piece.skip + piece.data == 0 {
            return Ok(None);
        }
    }
    let query = head.query.map(|query| format!("?{}", latin1(query))).unwrap_or_default();
    let mut fields: Vec<_> = head
        .fields
        .iter()
        .map(|field| (latin1(field.name).to_ascii_lowercase(), latin1(field.value)))
        .collect();
    fields.sort();
    ours.messages.push(Message {
        method: head.method.to_owned(),
        absolute: latin1(input)
            .trim_start()
            .split(' ')
            .nth(1)
            .is_some_and(|t| t.contains("://") && !t.starts_with('/')),
        path: format!("{}{query}", latin1(head.path)),
        authority: Some(latin1(head.authority)).filter(|authority| !authority.is_empty()),
        version: if head.version == Version::Http10 { "1.0" } else { "1.1" }.to_owned(),
        fields,
        body: data,
    });
    ours.ended = !head.keep_alive || head.upgrade.is_some();
    Ok(Some(at))
}

/// Lets a judge see the stream in portions that end at `cuts`: the bytes that it passes, and its
/// refusal. Upgrades are declined.
pub(crate) fn judge(input: &[u8], cuts: &[usize]) -> (usize, Option<Refusal>) {
    let mut judge = Judge::new(LIMITS);
    let mut passed = 0;
    for end in cuts.iter().copied().chain([input.len()]) {
        loop {
            match judge.feed(&input[passed..end.max(passed)]) {
                Verdict::Pass(bytes) => passed += bytes,
                Verdict::More => break,
                Verdict::Undecided => judge.no_tunnel(),
                Verdict::Refuse(refusal) => return (passed, Some(refusal)),
            }
        }
    }
    (passed, None)
}
