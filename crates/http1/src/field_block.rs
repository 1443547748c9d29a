//! The lines of a head after its first, up to the empty line.

use smallvec::SmallVec;

use crate::alphabet::is_control;

/// The lines of a block in order, without their ends and without the empty one.
pub(crate) type Lines<'b> = SmallVec<[&'b [u8]; 48]>;

/// Field lines that cannot be read in one way only, or are too many. The sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFields {
    /// A line feed without a carriage return, or the other way round.
    #[error("a line does not end with CR LF")]
    LineEnd,
    /// A NUL or another control character.
    #[error("a control character in a line")]
    Control,
    /// A line that begins with white space: a folded field.
    #[error("a field line begins with white space")]
    Folded,
    /// A name that is empty, has odd characters or a space before the colon; or no colon.
    #[error("a field line without a proper name")]
    Name,
    /// More bytes than the limit.
    #[error("the head is too long")]
    TooLong,
    /// More fields than the limit.
    #[error("the head has too many fields")]
    TooMany,
    /// More options in `Connection` than anybody needs.
    #[error("Connection has too many options")]
    TooManyOptions,
}

/// Finds the lines at the front of `bytes`, up to the empty one, and adds them to `lines`, which
/// is too large to be moved around. Returns how many bytes they take, the empty line included, or
/// `None` when it is not there yet.
pub(crate) fn find_lines<'b>(
    bytes: &'b [u8],
    max_length: usize,
    max_lines: usize,
    lines: &mut Lines<'b>,
) -> Result<Option<usize>, BadFields> {
    let window = bytes.get(..max_length).unwrap_or(bytes);
    let mut start = 0;
    for feed in memchr::memchr_iter(b'\n', window) {
        match window.get(start..feed) {
            Some([b'\r']) => {
                let length = feed + 1;
                check_controls(window.get(..length).unwrap_or(window), lines.len() + 1)?;
                return Ok(Some(length));
            }
            // RFC 9112, 5.2: "A server that receives an obs-fold in a request message that is
            // not within a "message/http" container MUST either reject the message by sending
            // a 400 (Bad Request) [...] or replace each received obs-fold"
            Some([b' ' | b'\t', ..]) => return Err(BadFields::Folded),
            // RFC 9112, 2.2: "a recipient MAY recognize a single LF as a line terminator":
            // we do not, because not everybody does.
            Some([line @ .., b'\r']) => lines.push(line),
            _ => return Err(BadFields::LineEnd),
        }
        if lines.len() > max_lines {
            return Err(BadFields::TooMany);
        }
        start = feed + 1;
    }
    if bytes.len() >= max_length {
        return Err(BadFields::TooLong);
    }
    check_controls(window.strip_suffix(b"\r").unwrap_or(window), lines.len())?;
    Ok(None)
}

/// Refuses control characters other than those of the line ends, whose number is known.
fn check_controls(bytes: &[u8], lines: usize) -> Result<(), BadFields> {
    // Counted in small portions of one-byte sums, which the compiler makes wide.
    let portion = |bytes: &[u8]| bytes.iter().map(|&byte| u8::from(is_control(byte))).sum::<u8>();
    let controls: usize = bytes.chunks(128).map(|bytes| usize::from(portion(bytes))).sum();
    if controls == 2 * lines {
        return Ok(());
    }
    let odd = bytes.iter().any(|&byte| is_control(byte) && byte != b'\r' && byte != b'\n');
    Err(if odd { BadFields::Control } else { BadFields::LineEnd })
}
