//! Several parts of a file in one answer.

use crate::files::file_answer::Segment;
use crate::files::range::Span;

/// The media type of an answer whose parts are divided by `boundary`.
#[must_use]
pub fn media_type(boundary: &str) -> String {
    format!("multipart/byteranges; boundary={boundary}")
}

/// The content of the answer: `spans` of a file of `size` bytes, each with its own head.
#[must_use]
pub fn segments(boundary: &str, media_type: &str, spans: &[Span], size: u64) -> Vec<Segment> {
    let mut segments = Vec::with_capacity(2 * spans.len() + 1);
    let mut end = "";
    for span in spans {
        // RFC 9110, 14.6: "If the selected representation would have had a Content-Type header
        // field in a 200 (OK) response, the server SHOULD generate that same Content-Type header
        // field in the header area of each body part."
        let range = span.content_range(size);
        let head = format!(
            "{end}--{boundary}\r\nContent-Type: {media_type}\r\nContent-Range: {range}\r\n\r\n"
        );
        segments.push(Segment::Bytes(head.into_bytes()));
        segments.push(Segment::File(*span));
        end = "\r\n";
    }
    segments.push(Segment::Bytes(format!("{end}--{boundary}--\r\n").into_bytes()));
    segments
}
