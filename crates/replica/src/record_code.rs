//! The canonical bytes of a record: for the wire, for the disk copy, and to compare two by a digest.

use std::time::Duration;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::attributes::Attributes;
use crate::fields::Fields;
use crate::holders::Holders;
use crate::live::{Live, WallTime};
use crate::operations::Operations;
use crate::outline::Outline;
use crate::reader::{Malformed, Reader};
use crate::record::{Content, Record};
use crate::seen::Seen;
use crate::stamped::Stamped;
use crate::values::{
    milliseconds, read_holder, read_key, read_operation, read_proof, read_seen, read_version,
    write_holder, write_operation, write_seen, write_version,
};
use crate::version::Version;
use crate::writer::Writer;

/// The tags of a record's fields. A number is never used for something else later.
mod tag {
    pub(super) const KEY: u64 = 1;
    pub(super) const VERSION: u64 = 2;
    pub(super) const SEEN: u64 = 3;
    pub(super) const ACKNOWLEDGED: u64 = 4;
    pub(super) const HOLDERS: u64 = 5;
    pub(super) const ENDED: u64 = 6;
    pub(super) const LIFE: u64 = 7;
    pub(super) const PROOF: u64 = 8;
    pub(super) const USER: u64 = 9;
    pub(super) const ATTRIBUTES: u64 = 10;
    pub(super) const OPERATIONS: u64 = 11;
}

/// The bytes of a record. Equal records are equal bytes.
#[must_use]
pub fn write(record: &Record) -> Vec<u8> {
    let mut out = Writer::default();
    let Record { key, version, seen, acknowledged, holders, .. } = record;
    write_front(&mut out, *key, *version, seen, *acknowledged, holders);
    match &record.content {
        Content::Ended { at } => out.field(tag::ENDED, |out| write_version(out, *at)),
        Content::Live(live) => write_live(&mut out, live),
    }
    for (tag, bytes) in &record.unknown {
        out.field(*tag, |out| out.raw(bytes));
    }
    out.finish()
}

/// The bytes of an outline: the last change that a request can see, and the fields of the record that do not
/// say what the session holds.
pub(crate) fn write_outline(outline: &Outline) -> Vec<u8> {
    let mut out = Writer::default();
    write_version(&mut out, outline.changed);
    let Outline { key, version, seen, acknowledged, holders, .. } = outline;
    write_front(&mut out, *key, *version, seen, *acknowledged, holders);
    for (tag, bytes) in &outline.unknown {
        out.field(*tag, |out| out.raw(bytes));
    }
    out.finish()
}

/// The outline that these bytes are.
pub(crate) fn read_outline(bytes: Bytes) -> Result<Outline, Malformed> {
    let mut reader = Reader::new(bytes);
    let changed = read_version(&mut reader)?;
    let mut fields = Fields::of(reader)?;
    let (key, version, seen, acknowledged, holders) = read_front(&mut fields)?;
    let unknown = fields.rest(tag::OPERATIONS)?;
    Ok(Outline { key, version, seen, acknowledged, holders, changed, unknown })
}

fn write_front(
    out: &mut Writer,
    key: SessionKey,
    version: Version,
    seen: &Seen,
    acknowledged: u64,
    holders: &Holders,
) {
    out.field(tag::KEY, |out| out.raw(key.as_bytes()));
    out.field(tag::VERSION, |out| write_version(out, version));
    out.field(tag::SEEN, |out| write_seen(out, seen));
    out.field(tag::ACKNOWLEDGED, |out| out.number(acknowledged));
    out.field(tag::HOLDERS, |out| write_holders(out, holders));
}

type Front = (SessionKey, Version, Seen, u64, Holders);

fn read_front(fields: &mut Fields) -> Result<Front, Malformed> {
    let key = fields.take(tag::KEY, "key", read_key)?;
    let version = fields.take(tag::VERSION, "version", read_version)?;
    let seen = fields.take(tag::SEEN, "known changes", read_seen)?;
    let acknowledged = fields.take(tag::ACKNOWLEDGED, "acknowledged number", Reader::number)?;
    let holders = fields.take(tag::HOLDERS, "holders", read_holders)?;
    Ok((key, version, seen, acknowledged, holders))
}

/// The record that these bytes are. Its values share their memory.
///
/// # Errors
/// [`Malformed`], when they are no record, or not written in the one way in which it can be.
pub fn read(bytes: Bytes) -> Result<Record, Malformed> {
    let mut fields = Fields::of(Reader::new(bytes))?;
    let (key, version, seen, acknowledged, holders) = read_front(&mut fields)?;
    let content = match fields.find(tag::ENDED, read_version)? {
        Some(at) => Content::Ended { at },
        None => Content::Live(Box::new(read_live(&mut fields)?)),
    };
    let unknown = fields.rest(tag::OPERATIONS)?;
    Ok(Record { key, version, seen, acknowledged, holders, content, unknown })
}

fn write_live(out: &mut Writer, live: &Live) {
    out.field(tag::LIFE, |out| {
        out.number(live.created.0);
        out.maybe(live.absolute_end, |out, end| out.number(end.0));
        out.maybe(live.idle.value, |out, idle| out.number(milliseconds(idle)));
        write_version(out, live.idle.at);
        write_version(out, live.changed);
    });
    out.field(tag::PROOF, |out| {
        out.bytes(live.proof.value.as_bytes());
        write_version(out, live.proof.at);
        out.maybe(live.former.as_ref(), |out, former| out.bytes(former.as_bytes()));
    });
    out.field(tag::USER, |out| {
        out.maybe(live.user.value.as_deref(), |out, user| out.bytes(user.as_bytes()));
        write_version(out, live.user.at);
    });
    out.field(tag::ATTRIBUTES, |out| {
        for (web_app, name, entry) in live.attributes.iter() {
            out.bytes(web_app.as_bytes());
            out.bytes(name.as_bytes());
            write_version(out, entry.at);
            out.maybe(entry.value.as_ref(), |out, value| out.bytes(value));
        }
    });
    out.field(tag::OPERATIONS, |out| {
        for (number, answer) in live.operations.iter() {
            write_operation(out, number);
            write_version(out, answer.at);
            out.bytes(&answer.value);
        }
    });
}

fn read_live(fields: &mut Fields) -> Result<Live, Malformed> {
    let (created, absolute_end, idle, changed) = fields.take(tag::LIFE, "times", |field| {
        let created = WallTime(field.number()?);
        let end = field.maybe(Reader::number)?.map(WallTime);
        let value = field.maybe(Reader::number)?.map(Duration::from_millis);
        let idle = Stamped { value, at: read_version(field)? };
        Ok((created, end, idle, read_version(field)?))
    })?;
    let (proof, former) = fields.take(tag::PROOF, "proof", |field| {
        let proof = Stamped { value: read_proof(field)?, at: read_version(field)? };
        Ok((proof, field.maybe(read_proof)?))
    })?;
    let user = fields.take(tag::USER, "user", |field| {
        let value = field.maybe(|field| field.text("user"))?;
        Ok(Stamped { value, at: read_version(field)? })
    })?;
    Ok(Live {
        created,
        absolute_end,
        changed,
        idle,
        proof,
        former,
        user,
        attributes: fields.take(tag::ATTRIBUTES, "attributes", read_attributes)?,
        operations: fields.take(tag::OPERATIONS, "operations", read_operations)?,
    })
}

fn read_attributes(field: &mut Reader) -> Result<Attributes, Malformed> {
    let mut attributes = Attributes::default();
    let mut last: Option<(Box<str>, Box<str>)> = None;
    while !field.is_empty() {
        let web_app = field.text("path of a web-app")?;
        let name = field.text("name of an attribute")?;
        let at = read_version(field)?;
        let value = field.maybe(Reader::bytes)?;
        attributes.put(&web_app, &name, Stamped { value, at });
        let this = Some((web_app, name));
        if last >= this {
            return Err(Malformed::Order("attributes"));
        }
        last = this;
    }
    attributes.snug();
    Ok(attributes)
}

fn read_operations(field: &mut Reader) -> Result<Operations, Malformed> {
    let mut operations = Operations::default();
    let mut last = None;
    while !field.is_empty() {
        let number = read_operation(field)?;
        if last >= Some(number) {
            return Err(Malformed::Order("operations"));
        }
        last = Some(number);
        if operations.iter().len() == Operations::KEPT {
            return Err(Malformed::Value("number of operations"));
        }
        let at = read_version(field)?;
        operations.keep(number, Stamped { value: field.bytes()?, at });
    }
    Ok(operations)
}

fn write_holders(out: &mut Writer, holders: &Holders) {
    holders.iter().for_each(|holder| write_holder(out, holder));
}

fn read_holders(field: &mut Reader) -> Result<Holders, Malformed> {
    let mut holders = Holders::default();
    let mut last = None;
    while !field.is_empty() {
        let holder = read_holder(field)?;
        if last >= Some(holder.server) {
            return Err(Malformed::Order("holders"));
        }
        last = Some(holder.server);
        if !holders.put(holder) {
            return Err(Malformed::Value("number of holders"));
        }
    }
    Ok(holders)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples;

    proptest! {
        #[test]
        fn what_is_written_is_read(record in samples::records()) {
            let bytes = Bytes::from(write(&record));
            let again = read(bytes.clone());
            prop_assert_eq!(again.as_ref(), Ok(&record));
            prop_assert_eq!(Bytes::from(write(&record)), bytes);
        }

        #[test]
        fn whatever_is_read_would_be_written_in_the_same_way(
            record in samples::records(),
            place: prop::sample::Index,
            byte: u8,
        ) {
            let mut bytes = write(&record);
            let place = place.index(bytes.len());
            bytes[place] = byte;
            if let Ok(other) = read(bytes.clone().into()) {
                prop_assert_eq!(write(&other), bytes);
            }
        }

        #[test]
        fn a_record_that_was_cut_is_no_record(
            record in samples::records(),
            place: prop::sample::Index,
        ) {
            let bytes = write(&record);
            let cut = place.index(bytes.len());
            // Only whole fields of a later version can be missing without being missed.
            if let Ok(other) = read(Bytes::copy_from_slice(&bytes[..cut])) {
                prop_assert!(other.unknown.len() < record.unknown.len());
                prop_assert_eq!(other.content, record.content);
            }
        }

        #[test]
        fn any_bytes_at_all_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok(record) = read(bytes.clone().into()) {
                prop_assert_eq!(write(&record), bytes);
            }
        }
    }

    #[test]
    fn the_bytes_of_a_small_record_are_these() {
        let record = samples::record(samples::version(1, 1));
        #[rustfmt::skip]
        let expected: &[u8] = b"\
            \x01\x0bX8ZwooOzabc\
            \x02\x04\x01\x00\x07\x01\
            \x03\x05\x00\x01\x00\x07\x01\
            \x04\x01\x01\
            \x05\x00\
            \x07\x13\x80\xd0\x95\xff\xbc\x31\x00\x01\xc0\xee\x6d\x01\x00\x07\x01\x01\x00\x07\x01\
            \x08\x12\x0cSECRETsecret\x01\x00\x07\x01\x00\
            \x09\x05\x00\x01\x00\x07\x01\
            \x0a\x00\
            \x0b\x00";
        assert_eq!(write(&record).escape_ascii().to_string(), expected.escape_ascii().to_string());
    }

    #[test]
    fn what_is_out_of_order_or_missing_is_named() {
        let fields = |list: &[(u64, &[u8])]| {
            let mut out = Writer::default();
            for (tag, bytes) in list {
                out.field(*tag, |out| out.raw(bytes));
            }
            read(out.finish().into()).unwrap_err().to_string()
        };
        let key = (1, &b"X8ZwooOzabc"[..]);
        let version = (2, &[1, 0, 7, 1][..]);
        assert_eq!(fields(&[]), "no key");
        assert_eq!(fields(&[(1, b"X8ZwooOzab.")]), "bad key");
        assert_eq!(fields(&[(1, b"X8ZwooOzabcd")]), "something follows its end");
        assert_eq!(fields(&[key]), "no version");
        assert_eq!(fields(&[key, (2, &[1, 64, 7, 1])]), "bad index of a server");
        assert_eq!(fields(&[version, key]), "fields out of order");
        let before = [key, version, (3, &[0][..]), (4, &[1]), (5, &[])];
        let ended = [(6, &[1, 0, 7, 1][..]), (7, &[])];
        assert_eq!(fields(&[&before[..], &ended].concat()), "fields out of order");
        let twice = (3, &[0, 1, 0, 7, 1, 1, 0, 7, 2][..]);
        assert_eq!(fields(&[key, version, twice]), "known changes out of order");
    }
}
