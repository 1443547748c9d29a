//! The fields of something that is written field by field, in the order of their tags.

use bytes::Bytes;

use crate::reader::{Malformed, Reader};

/// The fields that were not looked at yet.
#[derive(Debug)]
pub(crate) struct Fields(std::vec::IntoIter<(u64, Bytes)>);

impl Fields {
    /// So many there can be. Each takes more memory than the two bytes as which it may arrive.
    const MAX: usize = 256;

    /// All fields of these bytes.
    pub(crate) fn of(mut reader: Reader) -> Result<Self, Malformed> {
        let mut all: Vec<(u64, Bytes)> = Vec::new();
        while !reader.is_empty() {
            let tag = reader.number()?;
            if all.last().is_some_and(|(last, _)| *last >= tag) {
                return Err(Malformed::Order("fields"));
            }
            if all.len() == Self::MAX {
                return Err(Malformed::Value("number of fields"));
            }
            all.push((tag, reader.bytes()?));
        }
        Ok(Self(all.into_iter()))
    }

    /// A field that may be missing; all of it must be read.
    pub(crate) fn find<T>(
        &mut self,
        tag: u64,
        read: impl FnOnce(&mut Reader) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        if self.0.as_slice().first().is_none_or(|(next, _)| *next != tag) {
            return Ok(None);
        }
        let Some((_, bytes)) = self.0.next() else { return Ok(None) };
        let mut field = Reader::new(bytes);
        let value = read(&mut field)?;
        field.end()?;
        Ok(Some(value))
    }

    /// A field that must be there.
    pub(crate) fn take<T>(
        &mut self,
        tag: u64,
        what: &'static str,
        read: impl FnOnce(&mut Reader) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        self.find(tag, read)?.ok_or(Malformed::Missing(what))
    }

    /// Whether a field without content is there.
    pub(crate) fn flag(&mut self, tag: u64) -> Result<bool, Malformed> {
        Ok(self.find(tag, |_| Ok(()))?.is_some())
    }

    /// Skips those of a later version of this program.
    pub(crate) fn skip(self, known: u64) -> Result<(), Malformed> {
        self.rest(known).map(drop)
    }

    /// Those of a later version of this program. One up to `known`, in a place where it does not
    /// belong, is none.
    pub(crate) fn rest(self, known: u64) -> Result<Vec<(u64, Bytes)>, Malformed> {
        let rest: Vec<(u64, Bytes)> = self.0.collect();
        match rest.first() {
            Some((tag, _)) if *tag <= known => Err(Malformed::Order("fields")),
            _ => Ok(rest),
        }
    }
}
