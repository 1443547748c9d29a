//! The bytes of what the servers of the ring say to each other about one session.

use std::sync::Arc;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::copy::Reply;
use crate::fields::Fields;
use crate::frame::Frame;
use crate::frame_kind::FrameKind;
use crate::reader::{Malformed, Reader};
use crate::values::{
    read_epoch, read_key, read_span, read_version, write_epoch, write_span, write_version,
};
use crate::version::Version;
use crate::writer::Writer;
use crate::{answer_code, call_code, opinion_code, record_field, step_code};

/// The tags of the fields of frames that have two at most; each kind has its own. A number is never
/// used for something else later.
mod tag {
    /// The only field of most of them.
    pub(super) const FIRST: u64 = 1;
    pub(super) const SECOND: u64 = 2;
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
        Frame::Record(record) => record_field::write(&mut out, tag::FIRST, record),
        Frame::Outline(outline) => record_field::write_outline(&mut out, tag::FIRST, outline),
        Frame::Reply(reply) => write_reply(&mut out, reply),
        Frame::Ask { number, question } => {
            opinion_code::write_question(&mut out, *number, question);
        }
        Frame::Opinion { number, opinion } => opinion_code::write(&mut out, *number, opinion),
        Frame::Call { number, hops, call } => call_code::write(&mut out, *number, *hops, call),
        Frame::Answer { number, answer } => answer_code::write(&mut out, *number, answer),
        Frame::NotActing { number } => out.field(tag::FIRST, |out| out.number(*number)),
        Frame::Grant { epoch, version } => {
            out.field(tag::FIRST, |out| write_epoch(out, *epoch));
            out.field(tag::SECOND, |out| write_version(out, *version));
        }
        Frame::Dropped(epoch) => out.field(tag::FIRST, |out| write_epoch(out, *epoch)),
        Frame::Drop(version) | Frame::Forget(version) => {
            out.field(tag::FIRST, |out| write_version(out, *version));
        }
        Frame::Touch { version, age } => {
            out.field(tag::FIRST, |out| write_version(out, *version));
            // Rounded down: a session that counts as younger is not ended too early.
            out.field(tag::SECOND, |out| write_span(out, *age));
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

/// A frame of two fields at most.
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
            Frame::Record(fields.take(tag::FIRST, "record", record_field::read(key))?)
        }
        FrameKind::Outline => {
            let read = record_field::read_outline(key);
            Frame::Outline(Box::new(fields.take(tag::FIRST, "outline", read)?))
        }
        FrameKind::Held => Frame::Reply(Reply::Held(read_first_version(&mut fields)?)),
        FrameKind::Lacks => {
            last = 0;
            Frame::Reply(Reply::Lacks)
        }
        FrameKind::Higher => {
            Frame::Reply(Reply::Higher(fields.take(tag::FIRST, "epoch", read_epoch)?))
        }
        FrameKind::Differs => Frame::Reply(Reply::Differs(fields.take(
            tag::FIRST,
            "record",
            record_field::read(key),
        )?)),
        FrameKind::NotActing => {
            Frame::NotActing { number: fields.take(tag::FIRST, "number", Reader::number)? }
        }
        FrameKind::Grant => {
            last = tag::SECOND;
            let epoch = fields.take(tag::FIRST, "epoch", read_epoch)?;
            let version = fields.take(tag::SECOND, "version", read_version)?;
            Frame::Grant { epoch, version }
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
        Reply::Differs(record) => record_field::write(out, tag::FIRST, record),
    }
}

#[cfg(test)]
mod tests;
