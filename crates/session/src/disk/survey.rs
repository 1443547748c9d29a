//! What a folder of segments holds: where each record stands, and what is torn or damaged.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::disk::files::DiskFiles;
use crate::disk::frame::{Entry, MARK, Mark};
use crate::disk::index::Index;
use crate::disk::place::Place;
use crate::disk::reader::{Reader, Step};
use crate::disk::segment::{HEADER, Segment};

/// What a folder of segments holds.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub(crate) index: Index,
    /// The segments that count, oldest first, each with the bytes of it that do.
    pub(crate) segments: Vec<(Arc<Segment>, u64)>,
    /// Files that count no more.
    pub(crate) leftovers: Vec<PathBuf>,
    /// How many bytes at the end were not written to their end.
    pub(crate) cut: u64,
    /// What is damaged, with the number of the segment.
    damage: Vec<(u32, String)>,
    /// The oldest segment that counts, as the newest mark has it.
    first: u32,
}

/// What a broken place means.
enum Verdict {
    /// What follows was not written to its end.
    Torn,
    /// The last few bytes were to say that another segment follows.
    UnfinishedSeal,
    /// Something that was written is not there any more.
    Damaged,
}

impl Survey {
    /// Looks at all segments in the folder. What cannot be read is damage.
    pub(crate) fn of(files: &dyn DiskFiles, folder: &Path) -> io::Result<Self> {
        let mut survey = Self::default();
        let names = files.list(folder)?;
        let mut numbers: Vec<_> = names.iter().filter_map(|n| Segment::number_of(n)).collect();
        numbers.sort_unstable();
        let found = survey.open(files, folder, &numbers);
        let last = found.last().map(|(segment, _)| segment.number);
        for (segment, end) in found {
            let is_last = Some(segment.number) == last;
            let end = survey.walk(&segment, end, is_last);
            survey.segments.push((segment, end));
        }
        survey.strike_leftovers(folder);
        survey.look_for_gaps();
        Ok(survey)
    }

    /// There should be a log, and there is none.
    pub(crate) fn missing() -> Self {
        let damage = vec![(0, "the folder of the records is missing".to_owned())];
        Self { damage, ..Self::default() }
    }

    /// What is damaged.
    pub(crate) fn damage(&self) -> Vec<String> {
        self.damage.iter().map(|(_, what)| what.clone()).collect()
    }

    /// Hands out every record once.
    pub(crate) fn hand_out(
        &self,
        mut for_each: impl FnMut(SessionKey, Bytes) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut count = 0;
        for (segment, end) in &self.segments {
            let mut reader = Reader::new(Arc::clone(segment), *end);
            loop {
                match reader.step() {
                    Ok(Step::Entry { at, entry: Entry::Put { key, value }, .. }) => {
                        if self.index.get(&key).is_some_and(|place| place.is(segment.number, at)) {
                            count += 1;
                            for_each(key, Bytes::copy_from_slice(value))?;
                        }
                    }
                    Ok(Step::Entry { .. }) => {}
                    Ok(Step::Broken { .. }) => {
                        if !reader.skip().unwrap_or(false) {
                            break;
                        }
                    }
                    Ok(Step::End) | Err(_) => break,
                }
            }
        }
        let all = count == self.index.len();
        all.then_some(()).ok_or_else(|| io::Error::other("records were there and are gone"))
    }

    fn find(&mut self, segment: u32, what: impl Into<String>) {
        self.damage.push((segment, what.into()));
    }

    /// Opens the segments, each with its length.
    fn open(
        &mut self,
        files: &dyn DiskFiles,
        folder: &Path,
        numbers: &[u32],
    ) -> Vec<(Arc<Segment>, u64)> {
        let mut found = Vec::new();
        for &number in numbers {
            let path = Segment::path(folder, number);
            let length = files.open(&path).and_then(|file| file.length());
            match (Segment::open(files, folder, number), length) {
                (Ok(Some(segment)), Ok(length)) => found.push((segment, length)),
                // The process ended while it made the segment; nothing was written to it.
                (Ok(None), Ok(0..=HEADER)) if Some(&number) == numbers.last() => {
                    self.leftovers.push(path);
                }
                (Ok(_), Ok(_)) => self.find(number, format!("{} has no header", path.display())),
                (Err(error), _) | (_, Err(error)) => {
                    self.find(number, format!("{} cannot be opened: {error}", path.display()));
                }
            }
        }
        found
    }

    /// Reads a segment, and returns up to where it counts.
    fn walk(&mut self, segment: &Arc<Segment>, end: u64, last: bool) -> u64 {
        let number = segment.number;
        let mut reader = Reader::new(Arc::clone(segment), end);
        let mut mark = None;
        let mut damaged = false;
        loop {
            match reader.step() {
                Ok(Step::Entry { at, length, entry }) => {
                    mark = if let Entry::Mark(mark) = entry { Some(mark) } else { None };
                    self.apply(segment, at, length, entry);
                }
                Ok(Step::Broken { at }) => {
                    match judge(&mut reader, segment, end - at, last, mark.is_some(), damaged) {
                        Ok(Verdict::Torn) => {
                            self.cut += end - at;
                            return at;
                        }
                        Ok(Verdict::UnfinishedSeal) => return at,
                        Ok(Verdict::Damaged) | Err(_) => {}
                    }
                    if !damaged {
                        self.find(number, format!("segment {number} is damaged at byte {at}"));
                    }
                    damaged = true;
                    reader.go_to(at);
                    if !reader.skip().unwrap_or(false) {
                        return end;
                    }
                }
                Ok(Step::End) => break,
                Err(error) => {
                    self.find(number, format!("segment {number} cannot be read: {error}"));
                    return reader.at();
                }
            }
        }
        match mark {
            Some(Mark { sealed: true, .. }) if last => {
                self.find(number, format!("the segment after segment {number} is missing"));
            }
            None if !last && !damaged => {
                self.find(number, format!("segment {number} has lost its end"));
            }
            _ => {}
        }
        end
    }

    fn apply(&mut self, segment: &Arc<Segment>, at: u64, length: u64, entry: Entry<'_>) {
        match entry {
            Entry::Put { key, .. } => {
                // Segments are far shorter than 4 GiB; a longer one is none of ours.
                let place = u32::try_from(at).ok().zip(u32::try_from(length).ok());
                let segment = Arc::clone(segment);
                self.index.set(key, place.map(|(at, length)| Place { segment, at, length }));
            }
            Entry::Remove { key } => self.index.set(key, None),
            Entry::Mark(mark) => self.first = self.first.max(mark.first),
        }
    }

    /// Forgets segments that had been emptied: what counted in them stands in later ones, too.
    fn strike_leftovers(&mut self, folder: &Path) {
        let first = self.first;
        self.damage.retain(|(number, _)| *number >= first);
        let old = self.segments.extract_if(.., |(segment, _)| segment.number < first);
        let numbers: Vec<_> = old.map(|(segment, _)| segment.number).collect();
        self.leftovers.extend(numbers.iter().map(|number| Segment::path(folder, *number)));
        self.index.forget_before(first);
    }

    fn look_for_gaps(&mut self) {
        let mut expected = self.first.max(1);
        let numbers: Vec<_> = self.segments.iter().map(|(segment, _)| segment.number).collect();
        if numbers.is_empty() {
            self.find(expected, "there are no segments");
        }
        for number in numbers {
            if number != expected && !self.damage.iter().any(|(broken, _)| *broken == expected) {
                self.find(expected, format!("segment {expected} is missing"));
            }
            expected = number.saturating_add(1);
        }
    }
}

/// What a broken place in a segment means: `left` bytes before its end, perhaps right behind a mark.
fn judge(
    reader: &mut Reader,
    segment: &Segment,
    left: u64,
    last: bool,
    behind_mark: bool,
    damaged: bool,
) -> io::Result<Verdict> {
    if !last {
        let seal = behind_mark && left <= MARK as u64;
        return Ok(if seal { Verdict::UnfinishedSeal } else { Verdict::Damaged });
    }
    if damaged {
        return Ok(Verdict::Damaged);
    }
    // A mark says that the broken place was safe once. Without marks nobody knows, and what was
    // written in one go is rather damaged than torn if more of it follows.
    while reader.skip()? {
        while let Step::Entry { entry, .. } = reader.step()? {
            if !segment.marked || matches!(entry, Entry::Mark(_)) {
                return Ok(Verdict::Damaged);
            }
        }
    }
    Ok(Verdict::Torn)
}
