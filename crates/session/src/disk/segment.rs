//! One file of the log.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::files::{DiskFiles, Open};
use crate::disk::frame::Spot;

/// How many bytes stand before the first frame: sign, number, salt, whether it is marked, sum.
pub(crate) const HEADER: u64 = HEADER_LENGTH as u64;

const HEADER_LENGTH: usize = 25;

const SIGN: [u8; 8] = *b"copalses";

/// One file of the log.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) number: u32,
    /// A random number that goes into every sum.
    pub(crate) salt: u64,
    /// Marks say up to where it is safe. Without syncs there are none.
    pub(crate) marked: bool,
    pub(crate) file: Open,
}

impl Segment {
    /// The name of a segment's file.
    pub(crate) fn path(folder: &Path, number: u32) -> PathBuf {
        folder.join(format!("{number:010}.segment"))
    }

    /// The number in the name of a segment's file.
    pub(crate) fn number_of(name: &OsStr) -> Option<u32> {
        let digits = name.to_str()?.strip_suffix(".segment")?;
        digits.parse().ok().filter(|_| digits.len() == 10)
    }

    /// Makes a segment. It is safe when this returns.
    pub(crate) fn create(
        files: &dyn DiskFiles,
        folder: &Path,
        number: u32,
        marked: bool,
    ) -> io::Result<Arc<Self>> {
        let salt = getrandom::u64().map_err(io::Error::other)?;
        let path = Self::path(folder, number);
        let file = files.create(&path)?;
        let made = file
            .write_at(&header(number, salt, marked), 0)
            .and_then(|()| file.sync())
            .and_then(|()| files.sync_folder(folder));
        if let Err(error) = made {
            // What was begun is of no use, and an empty file is cut off at the next start.
            drop(files.remove_file(&path));
            return Err(error);
        }
        Ok(Arc::new(Self { number, salt, marked, file }))
    }

    /// Opens a segment, or says with `None` that it does not begin like one.
    pub(crate) fn open(
        files: &dyn DiskFiles,
        folder: &Path,
        number: u32,
    ) -> io::Result<Option<Arc<Self>>> {
        let file = files.open(&Self::path(folder, number))?;
        let mut bytes = [0; HEADER_LENGTH];
        if file.length()? < HEADER {
            return Ok(None);
        }
        file.read_at(&mut bytes, 0)?;
        let Some((salt, marked)) = read_header(&bytes, number) else { return Ok(None) };
        Ok(Some(Arc::new(Self { number, salt, marked, file })))
    }

    /// What binds a frame to this place.
    pub(crate) const fn spot(&self, at: u64) -> Spot {
        Spot { salt: self.salt, at }
    }
}

fn header(number: u32, salt: u64, marked: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_LENGTH);
    bytes.extend_from_slice(&SIGN);
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&salt.to_le_bytes());
    bytes.push(u8::from(marked));
    let sum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

/// Salt and whether it is marked, of the segment with this number.
fn read_header(bytes: &[u8], number: u32) -> Option<(u64, bool)> {
    let (salt, rest) = bytes.get(12..)?.split_first_chunk::<8>()?;
    let salt = u64::from_le_bytes(*salt);
    let marked = *rest.first()? == 1;
    (header(number, salt, marked) == bytes).then_some((salt, marked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_it_was_written_or_not_at_all() {
        for marked in [false, true] {
            let good = header(12, 34, marked);
            assert_eq!(good.len() as u64, HEADER);
            assert_eq!(read_header(&good, 12), Some((34, marked)));
            assert_eq!(read_header(&good, 13), None);
            for bit in 0..good.len() * 8 {
                let mut broken = good.clone();
                broken[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(read_header(&broken, 12), None, "bit {bit}");
            }
        }
    }

    #[test]
    fn the_number_is_in_the_name() {
        let path = Segment::path(Path::new("records"), 42);
        assert_eq!(path, Path::new("records/0000000042.segment"));
        assert_eq!(Segment::number_of(path.file_name().unwrap()), Some(42));
        for name in ["42.segment", "0000000042", "000000004x.segment"] {
            assert_eq!(Segment::number_of(OsStr::new(name)), None);
        }
    }
}
