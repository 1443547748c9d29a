//! The bytes of what the servers of the ring say to each other about one session.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::copy::Reply;
use crate::fields::Fields;
use crate::frame::Frame;
use crate::frame_kind::FrameKind;
use crate::reader::{Malformed, Reader};
use crate::record::Record;
use crate::values::{
    read_epoch, read_key, read_span, read_version, write_epoch, write_span, write_version,
};
use crate::version::Version;
use crate::writer::Writer;
use crate::{answer_code, call_code, opinion_code, record_field, step_code};

/// The tags of the fields of frames that have three at most; each kind has its own. A number is never
/// used for something else later.
mod tag {
    /// The only field of most of them.
    pub(super) const FIRST: u64 = 1;
    pub(super) const SECOND: u64 = 2;
    pub(super) const THIRD: u64 = 3;
}

/// What another server has said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Something about the session of this key.
    Frame(SessionKey, Box<Frame>),
    /// Something that only a later version of this program says. It is left alone and counted.
    Unknown {
        /// The number of its kind.
        kind: u64,
    },
}

/// The bytes of a frame about the session that `key` names. What is in the frame is of that session,
/// too: the key of a call is not written again, and a record of another session is refused by
/// whoever reads this.
#[must_use]
pub fn write(key: SessionKey, frame: &Frame) -> Vec<u8> {
    let mut out = Writer::default();
    out.number(FrameKind::of(frame).number());
    out.raw(key.as_bytes());
    match frame {
        Frame::Step(step) => out.field_of(tag::FIRST, &step_code::write(step)),
        Frame::Record { record, age } => write_record(&mut out, record, *age),
        Frame::Outline { outline, age } => {
            record_field::write_outline(&mut out, tag::FIRST, outline);
            write_age(&mut out, tag::SECOND, *age);
        }
        Frame::Reply(reply) => write_reply(&mut out, reply),
        Frame::Ask { number, question } => {
            opinion_code::write_question(&mut out, *number, question);
        }
        Frame::Opinion { number, opinion } => opinion_code::write(&mut out, *number, opinion),
        Frame::Call { number, hops, call } => call_code::write(&mut out, *number, *hops, call),
        Frame::Answer { number, answer } => answer_code::write(&mut out, *number, answer),
        Frame::NotActing { number } => out.field(tag::FIRST, |out| out.number(*number)),
        Frame::Grant { epoch, version, age } => {
            out.field(tag::FIRST, |out| write_epoch(out, *epoch));
            out.field(tag::SECOND, |out| write_version(out, *version));
            write_age(&mut out, tag::THIRD, *age);
        }
        Frame::Dropped(epoch) => out.field(tag::FIRST, |out| write_epoch(out, *epoch)),
        Frame::Drop(version) | Frame::Forget(version) => {
            out.field(tag::FIRST, |out| write_version(out, *version));
        }
        Frame::Touch { version, age } => {
            out.field(tag::FIRST, |out| write_version(out, *version));
            write_age(&mut out, tag::SECOND, Some(*age));
        }
    }
    out.finish()
}

/// What these bytes say. Fields of a later version are skipped; the values of attributes share the
/// memory of `bytes`.
///
/// # Errors
/// [`Malformed`], when they are of a kind that is known here, and say nothing.
pub fn read(bytes: Bytes) -> Result<Heard, Malformed> {
    let mut reader = Reader::new(bytes);
    let number = reader.number()?;
    let unknown = Heard::Unknown { kind: number };
    let Some(kind) = FrameKind::from_number(number) else {
        return Ok(unknown);
    };
    let key = read_key(&mut reader)?;
    let frame = read_frame(kind, key, Fields::of(reader)?)?;
    Ok(frame.map_or(unknown, |frame| Heard::Frame(key, Box::new(frame))))
}

fn read_frame(
    kind: FrameKind,
    key: SessionKey,
    fields: Fields,
) -> Result<Option<Frame>, Malformed> {
    let frame = match kind {
        FrameKind::Ask => {
            let (number, question) = opinion_code::read_question(fields)?;
            Frame::Ask { number, question }
        }
        FrameKind::Opinion | FrameKind::BriefOpinion => {
            let (number, opinion) = opinion_code::read(kind, fields, key)?;
            Frame::Opinion { number, opinion: Box::new(opinion) }
        }
        FrameKind::Create | FrameKind::Load | FrameKind::Change => {
            let call = call_code::read(kind, fields, key)?;
            return Ok(call.map(|call_code::Numbered { number, hops, call }| Frame::Call {
                number,
                hops,
                call,
            }));
        }
        FrameKind::Session
        | FrameKind::NotChanged
        | FrameKind::Done
        | FrameKind::Refused
        | FrameKind::Exists
        | FrameKind::Absent
        | FrameKind::Unknown
        | FrameKind::Unsaved
        | FrameKind::Failed => {
            let answer = answer_code::read(kind, fields, key)?;
            return Ok(
                answer.map(|(number, answer)| Frame::Answer { number, answer: Box::new(answer) })
            );
        }
        _ => return read_small(kind, key, fields),
    };
    Ok(Some(frame))
}

/// A frame of three fields at most.
fn read_small(
    kind: FrameKind,
    key: SessionKey,
    mut fields: Fields,
) -> Result<Option<Frame>, Malformed> {
    let mut last = tag::FIRST;
    let frame = match kind {
        FrameKind::Step => {
            let step = fields.take(tag::FIRST, "step", |field| step_code::read(field.rest()))?;
            Frame::Step(Arc::new(step))
        }
        FrameKind::Record => {
            last = tag::SECOND;
            let (record, age) = read_record(&mut fields, key)?;
            Frame::Record { record, age }
        }
        FrameKind::Outline => {
            last = tag::SECOND;
            let read = record_field::read_outline(key);
            let outline = Box::new(fields.take(tag::FIRST, "outline", read)?);
            Frame::Outline { outline, age: fields.find(tag::SECOND, read_span)? }
        }
        FrameKind::Held => Frame::Reply(Reply::Held(read_first_version(&mut fields)?)),
        FrameKind::Lacks => {
            last = 0;
            Frame::Reply(Reply::Lacks)
        }
        FrameKind::Higher => {
            Frame::Reply(Reply::Higher(fields.take(tag::FIRST, "epoch", read_epoch)?))
        }
        FrameKind::Differs => {
            last = tag::SECOND;
            let (record, age) = read_record(&mut fields, key)?;
            Frame::Reply(Reply::Differs(record, age))
        }
        FrameKind::NotActing => {
            Frame::NotActing { number: fields.take(tag::FIRST, "number", Reader::number)? }
        }
        FrameKind::Grant => {
            last = tag::THIRD;
            let epoch = fields.take(tag::FIRST, "epoch", read_epoch)?;
            let version = fields.take(tag::SECOND, "version", read_version)?;
            Frame::Grant { epoch, version, age: fields.find(tag::THIRD, read_span)? }
        }
        FrameKind::Drop => Frame::Drop(read_first_version(&mut fields)?),
        FrameKind::Dropped => Frame::Dropped(fields.take(tag::FIRST, "epoch", read_epoch)?),
        FrameKind::Forget => Frame::Forget(read_first_version(&mut fields)?),
        FrameKind::Touch => {
            last = tag::SECOND;
            let version = read_first_version(&mut fields)?;
            Frame::Touch { version, age: fields.take(tag::SECOND, "age", read_span)? }
        }
        _ => return Ok(None),
    };
    fields.skip(last)?;
    Ok(Some(frame))
}

fn read_first_version(fields: &mut Fields) -> Result<Version, Malformed> {
    fields.take(tag::FIRST, "version", read_version)
}

fn write_reply(out: &mut Writer, reply: &Reply) {
    match reply {
        Reply::Held(version) => out.field(tag::FIRST, |out| write_version(out, *version)),
        Reply::Lacks => {}
        Reply::Higher(epoch) => out.field(tag::FIRST, |out| write_epoch(out, *epoch)),
        Reply::Differs(record, age) => write_record(out, record, *age),
    }
}

/// With how long ago the session was used.
fn write_record(out: &mut Writer, record: &Record, age: Option<Duration>) {
    record_field::write(out, tag::FIRST, record);
    write_age(out, tag::SECOND, age);
}

fn read_record(
    fields: &mut Fields,
    key: SessionKey,
) -> Result<(Arc<Record>, Option<Duration>), Malformed> {
    let record = fields.take(tag::FIRST, "record", record_field::read(key))?;
    Ok((record, fields.find(tag::SECOND, read_span)?))
}

/// Rounded down: a session that counts as younger is not ended too early.
fn write_age(out: &mut Writer, tag: u64, age: Option<Duration>) {
    if let Some(age) = age {
        out.field(tag, |out| write_span(out, age));
    }
}

#[cfg(test)]
mod tests;
