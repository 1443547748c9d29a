//! The bytes of what a request wants of a session.

use std::time::Duration;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::call::{Birth, Call, Order, Want};
use crate::fields::Fields;
use crate::frame_kind::FrameKind;
use crate::live::WallTime;
use crate::reader::{Malformed, Reader};
use crate::values::{
    milliseconds, read_path, read_proof, read_server, read_version, write_server, write_version,
};
use crate::wish_code;
use crate::writer::Writer;

/// The tags of a call's fields; those from 3 to 14 each kind has for itself. A number is never used
/// for something else later.
mod tag {
    pub(super) const NUMBER: u64 = 1;
    pub(super) const HOPS: u64 = 2;

    pub(super) const KNOWN: u64 = 3;

    pub(super) const TIMES: u64 = 3;
    pub(super) const PROOF: u64 = 4;
    pub(super) const USER: u64 = 5;
    pub(super) const WEB_APP: u64 = 6;
    pub(super) const ATTRIBUTES: u64 = 7;

    /// Every call has it, so a call that was cut is none.
    pub(super) const ORDER: u64 = 15;
}

/// A call under way.
#[derive(Debug)]
pub(crate) struct Numbered {
    pub(crate) number: u64,
    pub(crate) hops: u8,
    pub(crate) call: Box<Call>,
}

/// The key is not written: the frame has it.
pub(crate) fn write(out: &mut Writer, number: u64, hops: u8, call: &Call) {
    out.field(tag::NUMBER, |out| out.number(number));
    out.field(tag::HOPS, |out| out.byte(hops));
    match &call.want {
        Want::Create(birth) => write_birth(out, birth),
        Want::Load(known) => {
            if let Some(version) = known {
                out.field(tag::KNOWN, |out| write_version(out, *version));
            }
        }
        Want::Change(wish) => wish_code::write(out, wish),
    }
    out.field(tag::ORDER, |out| call.order.iter().for_each(|server| write_server(out, *server)));
}

/// The call for the session of this key; `None` when there is no such kind of call.
pub(crate) fn read(
    kind: FrameKind,
    mut fields: Fields,
    key: SessionKey,
) -> Result<Option<Numbered>, Malformed> {
    let number = fields.take(tag::NUMBER, "number", Reader::number)?;
    let hops = fields.take(tag::HOPS, "number of hops", Reader::byte)?;
    let want = match kind {
        FrameKind::Create => Want::Create(Box::new(read_birth(&mut fields)?)),
        FrameKind::Load => Want::Load(fields.find(tag::KNOWN, read_version)?),
        FrameKind::Change => Want::Change(Box::new(wish_code::read(&mut fields)?)),
        _ => return Ok(None),
    };
    let order = fields.take(tag::ORDER, "order of servers", read_order)?;
    fields.skip(tag::ORDER)?;
    Ok(Some(Numbered { number, hops, call: Box::new(Call { key, order, want }) }))
}

fn write_birth(out: &mut Writer, birth: &Birth) {
    out.field(tag::TIMES, |out| {
        out.number(birth.created.0);
        out.maybe(birth.absolute_end, |out, end| out.number(end.0));
        out.maybe(birth.idle, |out, idle| out.number(milliseconds(idle)));
    });
    out.field(tag::PROOF, |out| out.bytes(birth.proof.as_bytes()));
    if let Some(user) = &birth.user {
        out.field(tag::USER, |out| out.bytes(user.as_bytes()));
    }
    out.field(tag::WEB_APP, |out| out.bytes(birth.web_app.as_bytes()));
    out.field(tag::ATTRIBUTES, |out| {
        for (name, value) in &birth.attributes {
            out.bytes(name.as_bytes());
            out.bytes(value);
        }
    });
}

fn read_birth(fields: &mut Fields) -> Result<Birth, Malformed> {
    let (created, absolute_end, idle) = fields.take(tag::TIMES, "times", |field| {
        let created = WallTime(field.number()?);
        let end = field.maybe(Reader::number)?.map(WallTime);
        Ok((created, end, field.maybe(Reader::number)?.map(Duration::from_millis)))
    })?;
    Ok(Birth {
        created,
        absolute_end,
        idle,
        proof: fields.take(tag::PROOF, "proof", read_proof)?,
        user: fields.find(tag::USER, |field| field.text("user"))?,
        web_app: fields.take(tag::WEB_APP, "path of a web-app", read_path)?,
        attributes: fields.take(tag::ATTRIBUTES, "attributes", read_attributes)?,
    })
}

/// In the order in which the application set them: of two of the same name the later one counts.
fn read_attributes(field: &mut Reader) -> Result<Vec<(Box<str>, Bytes)>, Malformed> {
    let mut attributes = Vec::new();
    while !field.is_empty() {
        attributes.push((field.text("name of an attribute")?, field.bytes()?));
    }
    Ok(attributes)
}

fn read_order(field: &mut Reader) -> Result<Order, Malformed> {
    let mut order = Order::new();
    while !field.is_empty() {
        order.try_push(read_server(field)?).map_err(|_| Malformed::Value("number of servers"))?;
    }
    Ok(order)
}
