//! Which bytes of a file a `Range` field asks for.

/// More ranges than this in one field are not answered one by one.
const MAX_RANGES: usize = 64;

/// What a part of a multipart answer costs beside its content; ranges that lie closer together
/// are sent as one.
const PART_OVERHEAD: u64 = 128;

/// A part of a file that is not empty, or the whole of an empty one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How many bytes it has.
    pub length: u64,
}

impl Span {
    /// The value of `Content-Range` for this part of a file of `size` bytes.
    #[must_use]
    pub fn content_range(&self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.offset, self.end().saturating_sub(1))
    }

    /// The first byte behind it.
    const fn end(&self) -> u64 {
        self.offset.saturating_add(self.length)
    }

    /// Whether both overlap, touch, or have less between them than a part costs.
    const fn is_near(&self, other: &Self) -> bool {
        self.offset <= other.end().saturating_add(PART_OVERHEAD)
            && other.offset <= self.end().saturating_add(PART_OVERHEAD)
    }

    fn join(&self, other: &Self) -> Self {
        let offset = self.offset.min(other.offset);
        Self { offset, length: self.end().max(other.end()).saturating_sub(offset) }
    }
}

/// What is sent for a `Range` field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ranges {
    /// The whole file, as if there were no such field.
    Whole,
    /// One part.
    One(Span),
    /// Several parts, in the order in which they were asked for, none near another.
    Many(Vec<Span>),
    /// 416: none of the ranges lies in the file.
    Unsatisfiable,
}

/// Reads a `Range` field for a file of `size` bytes. Other units, what is no list of ranges, too
/// many of them, and lists that would cost as much as the file are answered with the whole file.
#[must_use]
pub fn parse(value: &[u8], size: u64) -> Ranges {
    let Some(specs) = strip_unit(value) else {
        return Ranges::Whole;
    };
    // RFC 9110, 14.2: "A server MAY ignore the Range header field." There is no way to write the
    // range of nothing.
    if size == 0 {
        return Ranges::Whole;
    }
    let mut asked = 0;
    let mut spans = Vec::new();
    // RFC 9110, 5.6.1.2: "a recipient MUST parse and ignore a reasonable number of empty list
    // elements"
    let specs = specs.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    for spec in specs.filter(|spec| !spec.is_empty()) {
        asked += 1;
        match parse_spec(spec, size) {
            // RFC 9110, 14.2: "A server that supports range requests MAY ignore or reject a Range
            // header field that contains an invalid ranges-specifier"
            Err(Invalid) => return Ranges::Whole,
            Ok(_) if asked > MAX_RANGES => return Ranges::Whole,
            Ok(span) => spans.extend(span),
        }
    }
    choose(asked, spans, size)
}

fn choose(asked: usize, spans: Vec<Span>, size: u64) -> Ranges {
    if asked == 0 {
        return Ranges::Whole;
    }
    let spans = coalesce(spans);
    let cost = spans
        .iter()
        .fold(0, |cost: u64, span| cost.saturating_add(span.length).saturating_add(PART_OVERHEAD));
    match spans.as_slice() {
        [] => Ranges::Unsatisfiable,
        [one] if asked == 1 || one.length < size => Ranges::One(*one),
        [_] => Ranges::Whole,
        _ if cost >= size => Ranges::Whole,
        _ => Ranges::Many(spans),
    }
}

/// Joins what is near; a joined span stands where the first of it stood.
fn coalesce(spans: Vec<Span>) -> Vec<Span> {
    // RFC 9110, 15.3.7.2: "A server that generates a multipart response for a request … MAY
    // coalesce any of the ranges that overlap, or that are separated by a gap that is smaller
    // than the overhead of sending multiple parts"
    let mut parts: Vec<Span> = Vec::with_capacity(spans.len());
    for mut span in spans {
        let mut place = parts.len();
        while let Some(near) = parts.iter().position(|part| part.is_near(&span)) {
            span = span.join(&parts.remove(near));
            place = place.min(near);
        }
        parts.insert(place.min(parts.len()), span);
    }
    parts
}

/// What follows `bytes=`.
fn strip_unit(value: &[u8]) -> Option<&[u8]> {
    // RFC 9110, 14.1: "All range unit names are case-insensitive"
    let (unit, specs) = value.split_at_checked(b"bytes=".len())?;
    unit.eq_ignore_ascii_case(b"bytes=").then_some(specs)
}

/// The field is not a list of ranges.
struct Invalid;

/// One range; `None` when it lies outside the file.
fn parse_spec(spec: &[u8], size: u64) -> Result<Option<Span>, Invalid> {
    let dash = spec.iter().position(|byte| *byte == b'-').ok_or(Invalid)?;
    let (first, last) = spec.split_at_checked(dash).ok_or(Invalid)?;
    let last = last.strip_prefix(b"-").unwrap_or_default();
    if first.is_empty() {
        let length = parse_number(last)?.min(size);
        let span = Span { offset: size.saturating_sub(length), length };
        return Ok((length > 0).then_some(span));
    }
    let first = parse_number(first)?;
    let last = if last.is_empty() { u64::MAX } else { parse_number(last)? };
    // RFC 9110, 14.1.1: "An int-range is invalid if the last-pos value is present and less than
    // first-pos."
    if last < first {
        return Err(Invalid);
    }
    let end = last.saturating_add(1).min(size);
    Ok((first < size).then(|| Span { offset: first, length: end.saturating_sub(first) }))
}

/// A number of any length; what is too big for any file is the biggest.
fn parse_number(digits: &[u8]) -> Result<u64, Invalid> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Invalid);
    }
    let digit = |byte: &u8| u64::from(byte.saturating_sub(b'0'));
    Ok(digits.iter().fold(0, |sum: u64, byte| sum.saturating_mul(10).saturating_add(digit(byte))))
}

#[cfg(test)]
mod tests;
