//! Reading a segment from its beginning to its end, behind damage too.

use std::io;
use std::sync::Arc;

use memchr::memmem;

use crate::disk::frame::{self, Entry, HEAD, SIGN};
use crate::disk::limits::WINDOW;
use crate::disk::segment::{HEADER, Segment};

/// Where in a segment a reader is.
#[derive(Debug)]
pub(crate) struct Reader {
    segment: Arc<Segment>,
    end: u64,
    at: u64,
    /// Bytes of the segment, from `window_at` on.
    window: Vec<u8>,
    window_at: u64,
}

/// What a reader finds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// An entry, and where its frame stands.
    Entry { at: u64, length: u64, entry: Entry<'a> },
    /// What stands here was not written like this. The reader has not moved.
    Broken { at: u64 },
    /// There is nothing more.
    End,
}

impl Reader {
    /// Reads the frames of `segment`, which has `end` bytes.
    pub(crate) const fn new(segment: Arc<Segment>, end: u64) -> Self {
        Self { segment, end, at: HEADER, window: Vec::new(), window_at: 0 }
    }

    /// Where the reader is.
    pub(crate) const fn at(&self) -> u64 {
        self.at
    }

    /// Goes to another place.
    pub(crate) const fn go_to(&mut self, at: u64) {
        self.at = at;
    }

    /// The next entry.
    pub(crate) fn step(&mut self) -> io::Result<Step<'_>> {
        let at = self.at;
        if at >= self.end {
            return Ok(Step::End);
        }
        let Some(length) = self.whole_length(at)? else { return Ok(Step::Broken { at }) };
        let spot = self.segment.spot(at);
        self.load(at, length)?;
        let Some(entry) = frame::read(view(&self.window, self.window_at, at, length), spot) else {
            return Ok(Step::Broken { at });
        };
        self.at = at + length;
        Ok(Step::Entry { at, length, entry })
    }

    /// Goes to the next whole frame behind the one that is broken; `false` if there is none.
    pub(crate) fn skip(&mut self) -> io::Result<bool> {
        let mut from = self.at + 1;
        while from + HEAD as u64 <= self.end {
            let some = (WINDOW as u64).min(self.end - from);
            self.load(from, some)?;
            let bytes = view(&self.window, self.window_at, from, some);
            let Some(found) = memmem::find(bytes, &SIGN) else {
                // A sign may begin in the last three bytes.
                from += (some - 3).max(1);
                continue;
            };
            self.at = from + found as u64;
            if matches!(self.step()?, Step::Entry { .. }) {
                self.at = from + found as u64;
                return Ok(true);
            }
            from = from + found as u64 + 1;
        }
        self.at = self.end;
        Ok(false)
    }

    /// How long the frame at this place says that it is, if that is possible.
    fn whole_length(&mut self, at: u64) -> io::Result<Option<u64>> {
        if self.end - at < HEAD as u64 {
            return Ok(None);
        }
        self.load(at, HEAD as u64)?;
        let length = frame::whole(view(&self.window, self.window_at, at, HEAD as u64));
        Ok(length.filter(|length| *length <= self.end - at))
    }

    /// Sees to it that these bytes are in the window.
    fn load(&mut self, at: u64, length: u64) -> io::Result<()> {
        let has = self.window_at..=self.window_at + self.window.len() as u64;
        if has.contains(&at) && has.contains(&(at + length)) {
            return Ok(());
        }
        let size = length.max(WINDOW as u64).min(self.end - at);
        self.window.resize(usize::try_from(size).map_err(io::Error::other)?, 0);
        self.window_at = at;
        let read = self.segment.file.read_at(&mut self.window, at);
        if read.is_err() {
            self.window.clear();
        }
        read
    }
}

/// The part of the window that was loaded.
fn view(window: &[u8], window_at: u64, at: u64, length: u64) -> &[u8] {
    let range = usize::try_from(at.saturating_sub(window_at)).ok().and_then(|from| {
        let length = usize::try_from(length).ok()?;
        Some(from..from.checked_add(length)?)
    });
    range.and_then(|range| window.get(range)).unwrap_or_default()
}
