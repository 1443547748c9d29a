//! A path rewritten into normal form, segment by segment.

use memchr::memchr_iter;

use crate::bad_path::BadPath;
use crate::escape;
use crate::path_policy::PathPolicy;

/// What a segment does to the path before it.
enum Segment {
    Name,
    Empty,
    Here,
    Up,
}

/// `path` in normal form, with all session parameters that stand in what remains.
pub(super) fn rewrite(path: &[u8], policy: &PathPolicy) -> Result<Vec<u8>, BadPath> {
    // RFC 9110, 4.2.3: "an empty path component is equivalent to an absolute path of "/""
    let segments = match path {
        [] => path,
        [b'/', segments @ ..] => segments,
        _ => return Err(BadPath::NotAbsolute),
    };
    let mut out = Vec::with_capacity(path.len());
    let mut segments = segments.split(|byte| *byte == b'/').peekable();
    while let Some(raw) = segments.next() {
        let last = segments.peek().is_none();
        let start = out.len();
        out.push(b'/');
        push_segment(&mut out, raw, policy.allow_encoded_slash)?;
        match judge(out.get(start + 1..).unwrap_or_default(), last)? {
            Segment::Empty if policy.merge_slashes && !last => out.truncate(start),
            Segment::Name | Segment::Empty => {}
            Segment::Here => leave(&mut out, start, last),
            Segment::Up => {
                let before = out.get(..start).unwrap_or_default();
                let parent = before.iter().rposition(|byte| *byte == b'/');
                leave(&mut out, parent.ok_or(BadPath::AboveRoot)?, last);
            }
        }
    }
    Ok(out)
}

/// Cuts a dot segment off. Where it was the last one, what it names is a folder.
fn leave(out: &mut Vec<u8>, start: usize, last: bool) {
    out.truncate(start);
    if last {
        out.push(b'/');
    }
}

/// Writes a segment: unreserved characters decoded, all else that needs it encoded.
fn push_segment(out: &mut Vec<u8>, raw: &[u8], allow_slash: bool) -> Result<(), BadPath> {
    let mut bytes = raw.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            push_raw(out, byte, allow_slash)?;
            continue;
        }
        let (high, low) = bytes.next().zip(bytes.next()).ok_or(BadPath::Escape)?;
        match escape::read(high, low).ok_or(BadPath::Escape)? {
            0 => return Err(BadPath::Control),
            b'/' | b'\\' if !allow_slash => return Err(BadPath::EncodedSlash),
            // RFC 3986, 6.2.2.2: "URIs should be normalized by decoding any percent-encoded
            // octet that corresponds to an unreserved character"
            decoded if escape::is_unreserved(decoded) => out.push(decoded),
            decoded => escape::push(out, decoded),
        }
    }
    Ok(())
}

fn push_raw(out: &mut Vec<u8>, byte: u8, allow_slash: bool) -> Result<(), BadPath> {
    match byte {
        b'#' => return Err(BadPath::Fragment),
        b'\\' if !allow_slash => return Err(BadPath::EncodedSlash),
        control if control.is_ascii_control() => return Err(BadPath::Control),
        good if escape::is_segment_byte(good) => out.push(good),
        other => escape::push(out, other),
    }
    Ok(())
}

/// Says what an encoded segment is; refuses what two readers could take for two things.
fn judge(segment: &[u8], last: bool) -> Result<Segment, BadPath> {
    match segment {
        [] => Ok(Segment::Empty),
        b"." => Ok(Segment::Here),
        b".." => Ok(Segment::Up),
        [b';', ..] if !last => Err(BadPath::EmptySegment),
        _ if hides_dots(segment) => Err(BadPath::HiddenDotSegment),
        _ => Ok(Segment::Name),
    }
}

/// Whether somebody who cuts parameters off, or decodes slashes, would find a dot segment.
fn hides_dots(segment: &[u8]) -> bool {
    begins_with_dots(segment)
        || memchr_iter(b'%', segment)
            .filter_map(|at| strip_slash(segment.get(at..)?))
            .any(begins_with_dots)
}

fn begins_with_dots(text: &[u8]) -> bool {
    let after = text.strip_prefix(b"..").or_else(|| text.strip_prefix(b"."));
    after.is_some_and(|after| {
        matches!(after, [] | [b';', ..])
            || after.starts_with(b"%3B")
            || strip_slash(after).is_some()
    })
}

fn strip_slash(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"%2F").or_else(|| text.strip_prefix(b"%5C"))
}
