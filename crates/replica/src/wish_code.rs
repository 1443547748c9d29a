//! The bytes of a change, with what the request had read.

use std::collections::BTreeSet;

use bytes::Bytes;
use litemap::LiteMap;

use crate::call::Wish;
use crate::change::{Add, Base, Change};
use crate::fields::Fields;
use crate::reader::{Malformed, Reader};
use crate::values::{
    read_operation, read_path, read_proof, read_seen, read_version, write_operation, write_seen,
    write_version,
};
use crate::version::Version;
use crate::writer::Writer;

/// The tags of a change's fields, among those of its call. A number is never used for something else
/// later.
mod tag {
    pub(super) const WEB_APP: u64 = 3;
    pub(super) const ATTRIBUTES: u64 = 4;
    pub(super) const PROOF: u64 = 5;
    pub(super) const USER: u64 = 6;
    pub(super) const ENDS: u64 = 7;
    pub(super) const ONLY_IF: u64 = 8;
    pub(super) const ADD: u64 = 9;
    pub(super) const OPERATION: u64 = 10;
    pub(super) const BASE: u64 = 11;
    pub(super) const MADE: u64 = 12;
    pub(super) const RESTAMPED: u64 = 13;
}

/// So many servers may have been deposed while they made one change; each adds a version.
const MOST_MADE: usize = 1024;

type Parts = LiteMap<Box<str>, Option<Bytes>>;

pub(crate) fn write(out: &mut Writer, wish: &Wish) {
    let Wish { change, base, made } = wish;
    out.field(tag::WEB_APP, |out| out.bytes(change.web_app.as_bytes()));
    if !change.attributes.is_empty() {
        out.field(tag::ATTRIBUTES, |out| write_attributes(out, &change.attributes));
    }
    if let Some(proof) = &change.proof {
        out.field(tag::PROOF, |out| out.bytes(proof.as_bytes()));
    }
    if let Some(user) = &change.user {
        let user = user.as_deref();
        out.field(tag::USER, |out| out.maybe(user, |out, user| out.bytes(user.as_bytes())));
    }
    out.flag(tag::ENDS, change.ends);
    if let Some(version) = change.only_if {
        out.field(tag::ONLY_IF, |out| write_version(out, version));
    }
    if let Some(Add { name, by }) = &change.add {
        out.field(tag::ADD, |out| {
            out.bytes(name.as_bytes());
            out.number(zigzag(*by));
        });
    }
    if let Some(number) = &change.number {
        out.field(tag::OPERATION, |out| write_operation(out, number));
    }
    out.field(tag::BASE, |out| {
        write_version(out, base.version);
        write_seen(out, &base.seen);
    });
    if !made.is_empty() {
        out.field(tag::MADE, |out| made.iter().for_each(|version| write_version(out, *version)));
    }
    if !change.restamped.is_empty() {
        out.field(tag::RESTAMPED, |out| {
            change.restamped.iter().for_each(|name| out.bytes(name.as_bytes()));
        });
    }
}

pub(crate) fn read(fields: &mut Fields) -> Result<Wish, Malformed> {
    let mut change = Change {
        web_app: fields.take(tag::WEB_APP, "path of a web-app", read_path)?,
        attributes: fields.find(tag::ATTRIBUTES, read_attributes)?.unwrap_or_default(),
        restamped: BTreeSet::new(),
        proof: fields.find(tag::PROOF, read_proof)?,
        user: fields.find(tag::USER, |field| field.maybe(|field| field.text("user")))?,
        ends: fields.flag(tag::ENDS)?,
        only_if: fields.find(tag::ONLY_IF, read_version)?,
        add: fields.find(tag::ADD, |field| {
            let name = field.text("name of an attribute")?;
            Ok(Add { name, by: signed(field.number()?) })
        })?,
        number: fields.find(tag::OPERATION, read_operation)?,
    };
    let base = fields.take(tag::BASE, "version that was read", |field| {
        Ok(Base { version: read_version(field)?, seen: read_seen(field)? })
    })?;
    let made = fields.find(tag::MADE, read_made)?.unwrap_or_default();
    change.restamped = fields.find(tag::RESTAMPED, read_names)?.unwrap_or_default();
    Ok(Wish { change, base, made })
}

fn write_attributes(out: &mut Writer, attributes: &Parts) {
    for (name, value) in attributes.iter() {
        out.bytes(name.as_bytes());
        out.maybe(value.as_ref(), |out, value| out.bytes(value));
    }
}

/// At least one, in the order of their names.
fn read_attributes(field: &mut Reader) -> Result<Parts, Malformed> {
    let mut attributes = Parts::new();
    loop {
        let name = field.text("name of an attribute")?;
        if attributes.last().is_some_and(|(last, _)| *last >= name) {
            return Err(Malformed::Order("attributes"));
        }
        attributes.insert(name, field.maybe(Reader::bytes)?);
        if field.is_empty() {
            return Ok(attributes);
        }
    }
}

/// At least one, in their order.
fn read_names(field: &mut Reader) -> Result<BTreeSet<Box<str>>, Malformed> {
    let mut names = BTreeSet::new();
    loop {
        let name = field.text("name of an attribute")?;
        if names.last().is_some_and(|last| *last >= name) {
            return Err(Malformed::Order("attributes"));
        }
        names.insert(name);
        if field.is_empty() {
            return Ok(names);
        }
    }
}

/// At least one.
fn read_made(field: &mut Reader) -> Result<Vec<Version>, Malformed> {
    let mut made = vec![read_version(field)?];
    while !field.is_empty() {
        if made.len() == MOST_MADE {
            return Err(Malformed::Value("number of versions"));
        }
        made.push(read_version(field)?);
    }
    Ok(made)
}

/// 0, -1, 1, -2, ... as 0, 1, 2, 3, ...: what is near 0 is short.
const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

const fn signed(zigzag: u64) -> i64 {
    (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_near_zero_are_short() {
        for (value, written) in
            [(0, 0), (-1, 1), (1, 2), (-2, 3), (i64::MAX, u64::MAX - 1), (i64::MIN, u64::MAX)]
        {
            assert_eq!(zigzag(value), written, "{value}");
            assert_eq!(signed(written), value);
        }
    }
}
