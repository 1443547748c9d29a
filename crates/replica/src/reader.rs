//! Reads what a [`Writer`](crate::writer::Writer) wrote, and believes nothing.

use bytes::{Buf as _, Bytes};

/// Why bytes are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// There should be more.
    #[error("it ends too early")]
    Short,
    /// There should be less.
    #[error("something follows its end")]
    Long,
    /// A number that could be written shorter, or does not fit.
    #[error("a number is not written as it should be")]
    Number,
    /// A value that cannot be.
    #[error("bad {0}")]
    Value(&'static str),
    /// Entries or fields that are not in their order, or that come twice.
    #[error("{0} out of order")]
    Order(&'static str),
    /// A field without which the rest means nothing.
    #[error("no {0}")]
    Missing(&'static str),
}

/// Reads what a [`Writer`](crate::writer::Writer) wrote.
///
/// The bytes may come from anywhere: nothing is reserved for a length before there are that many
/// bytes, and what could be written in another way is refused, so that equal values are equal
/// bytes. Values share the memory of what they are read from.
#[derive(Debug)]
pub struct Reader(Bytes);

impl Reader {
    /// Reads these bytes.
    #[must_use]
    pub const fn new(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// Whether everything was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One byte.
    ///
    /// # Errors
    /// [`Malformed::Short`].
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        let byte = *self.0.first().ok_or(Malformed::Short)?;
        self.0.advance(1);
        Ok(byte)
    }

    /// A number.
    ///
    /// # Errors
    /// [`Malformed::Short`], [`Malformed::Number`].
    pub fn number(&mut self) -> Result<u64, Malformed> {
        let mut value = 0_u64;
        for place in 0..10 {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            let shifted = part << (7 * place);
            if shifted >> (7 * place) != part {
                return Err(Malformed::Number);
            }
            value |= shifted;
            if byte & 0x80 == 0 {
                // Zeros at the high end could be left out.
                return if byte == 0 && place > 0 { Err(Malformed::Number) } else { Ok(value) };
            }
        }
        Err(Malformed::Number)
    }

    /// Bytes with their number before them.
    ///
    /// # Errors
    /// [`Malformed::Short`], [`Malformed::Number`].
    pub fn bytes(&mut self) -> Result<Bytes, Malformed> {
        let length = usize::try_from(self.number()?).map_err(|_| Malformed::Short)?;
        self.raw(length)
    }

    /// So many bytes.
    ///
    /// # Errors
    /// [`Malformed::Short`].
    pub fn raw(&mut self, length: usize) -> Result<Bytes, Malformed> {
        if length > self.0.len() {
            return Err(Malformed::Short);
        }
        Ok(self.0.split_to(length))
    }

    /// All that is left.
    #[must_use]
    pub fn rest(&mut self) -> Bytes {
        std::mem::take(&mut self.0)
    }

    /// Text with its length before it; `what` names it in the error.
    ///
    /// # Errors
    /// [`Malformed::Value`] when it is no UTF-8, and those of [`Self::bytes`].
    pub fn text(&mut self, what: &'static str) -> Result<Box<str>, Malformed> {
        let bytes = self.bytes()?;
        std::str::from_utf8(&bytes).map(Box::from).map_err(|_| Malformed::Value(what))
    }

    /// What may be missing.
    ///
    /// # Errors
    /// [`Malformed::Value`], and what `read` says.
    pub fn maybe<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        match self.byte()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            _ => Err(Malformed::Value("mark of something that may be missing")),
        }
    }

    /// Says whether everything was read.
    ///
    /// # Errors
    /// [`Malformed::Long`].
    pub fn end(&self) -> Result<(), Malformed> {
        if self.is_empty() { Ok(()) } else { Err(Malformed::Long) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::writer::Writer;

    fn reader(bytes: &'static [u8]) -> Reader {
        Reader::new(Bytes::from_static(bytes))
    }

    #[test]
    fn numbers_that_could_be_shorter_or_do_not_fit_are_refused() {
        #[rustfmt::skip]
        let table: &[(&[u8], Result<u64, Malformed>)] = &[
            (&[0],                                                    Ok(0)),
            (&[0x7f],                                                 Ok(127)),
            (&[0x80, 1],                                              Ok(128)),
            (&[0x80, 0],                                              Err(Malformed::Number)),
            (&[0x80],                                                 Err(Malformed::Short)),
            (&[],                                                     Err(Malformed::Short)),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], Ok(u64::MAX)),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], Err(Malformed::Number)),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x81, 1], Err(Malformed::Number)),
        ];
        for (bytes, expected) in table {
            assert_eq!(reader(bytes).number(), *expected, "{bytes:x?}");
        }
    }

    #[test]
    fn a_length_beyond_the_end_reserves_nothing() {
        let huge = &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, b'a'];
        assert_eq!(reader(huge).bytes(), Err(Malformed::Short));
        assert_eq!(reader(&[2, b'a']).bytes(), Err(Malformed::Short));
        assert_eq!(reader(&[1, 0xff]).text("name"), Err(Malformed::Value("name")));
        assert_eq!(
            reader(&[2]).maybe(Reader::number).unwrap_err().to_string(),
            "bad mark of something that may be missing"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value: u64, bytes: Vec<u8>, maybe: Option<u64>) {
            let mut writer = Writer::default();
            writer.number(value);
            writer.bytes(&bytes);
            writer.maybe(maybe, Writer::number);
            let mut reader = Reader::new(writer.finish().into());
            prop_assert_eq!(reader.number(), Ok(value));
            prop_assert_eq!(reader.bytes(), Ok(bytes.into()));
            prop_assert_eq!(reader.maybe(Reader::number), Ok(maybe));
            prop_assert_eq!(reader.end(), Ok(()));
        }
    }
}
