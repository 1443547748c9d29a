//! The bytes of a session on the disk: its record, and when it was last used.

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::fields::Fields;
use crate::live::WallTime;
use crate::reader::{Malformed, Reader};
use crate::record::Record;
use crate::record_code;
use crate::writer::Writer;

/// The tags of the fields. A number is never used for something else later.
mod tag {
    pub(super) const RECORD: u64 = 1;
    pub(super) const USED: u64 = 2;
}

/// The bytes of a session that was last used at this time of day, if that is known.
#[must_use]
pub fn write(record: &Record, used: Option<WallTime>) -> Vec<u8> {
    let mut out = Writer::default();
    out.field_of(tag::RECORD, &record_code::write(record));
    if let Some(used) = used {
        out.field(tag::USED, |out| out.number(used.0));
    }
    out.finish()
}

/// What these bytes say: the record, and when it was last used. They may be the record alone, as it was
/// written before there was anything else.
///
/// # Errors
/// [`Malformed`], when they are neither.
pub fn read(bytes: Bytes) -> Result<(Record, Option<WallTime>), Malformed> {
    let mut fields = Fields::of(Reader::new(bytes.clone()))?;
    let first = fields.take(tag::RECORD, "record", |field| Ok(field.rest()))?;
    if first.len() == SessionKey::LENGTH {
        // The first field of a record is its key, and no record is as short as that.
        return Ok((record_code::read(bytes)?, None));
    }
    let used = fields.find(tag::USED, Reader::number)?.map(WallTime);
    fields.skip(tag::USED)?;
    Ok((record_code::read(first)?, used))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    proptest! {
        #[test]
        fn what_is_written_is_read(record in samples::records(), used: Option<u64>) {
            let used = used.map(WallTime);
            prop_assert_eq!(read(write(&record, used).into()), Ok((record, used)));
        }

        #[test]
        fn a_record_alone_is_read_too(record in samples::records()) {
            prop_assert_eq!(read(record_code::write(&record).into()), Ok((record, None)));
        }

        #[test]
        fn any_bytes_at_all_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok((record, used)) = read(bytes.into()) {
                prop_assert_eq!(read(write(&record, used).into()), Ok((record, used)));
            }
        }
    }
}
