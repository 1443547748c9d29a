//! A record as a field of something that is said about its session.

use std::sync::Arc;

use copal_protocol::session_key::SessionKey;

use crate::outline::Outline;
use crate::reader::{Malformed, Reader};
use crate::record::Record;
use crate::record_code;
use crate::writer::Writer;

/// The record as it is on disk, too.
pub(crate) fn write(out: &mut Writer, tag: u64, record: &Record) {
    out.field_of(tag, &record_code::write(record));
}

/// A version, and then the record as it is on disk, without what the session holds.
pub(crate) fn write_outline(out: &mut Writer, tag: u64, outline: &Outline) {
    out.field_of(tag, &record_code::write_outline(outline));
}

/// Reads that of the session that this key names, and of no other one.
pub(crate) fn read_outline(
    key: SessionKey,
) -> impl FnOnce(&mut Reader) -> Result<Outline, Malformed> {
    move |field| {
        let outline = record_code::read_outline(field.rest())?;
        let same = outline.key == key;
        same.then_some(outline).ok_or(Malformed::Value("key of an outline: it is another one"))
    }
}

/// Reads a record of the session that this key names. That of another session is refused: nobody may
/// ever see it under this key.
pub(crate) fn read(key: SessionKey) -> impl FnOnce(&mut Reader) -> Result<Arc<Record>, Malformed> {
    move |field| {
        let record = record_code::read(field.rest())?;
        let same = record.key == key;
        same.then(|| Arc::new(record)).ok_or(Malformed::Value("key of a record: it is another one"))
    }
}
