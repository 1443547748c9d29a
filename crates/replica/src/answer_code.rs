//! The bytes of what comes of a call.

use copal_protocol::session_key::SessionKey;

use crate::answer::Answer;
use crate::change::Refused;
use crate::fields::Fields;
use crate::frame_kind::FrameKind;
use crate::reader::{Malformed, Reader};
use crate::record_field;
use crate::values::{read_version, write_version};
use crate::writer::Writer;

/// The tags of an answer's fields; from 2 on each kind has its own. A number is never used for
/// something else later.
mod tag {
    pub(super) const NUMBER: u64 = 1;

    pub(super) const HONOURS_FORMER: u64 = 2;
    pub(super) const RECORD: u64 = 3;

    pub(super) const VERSION: u64 = 2;
    pub(super) const ANSWER: u64 = 3;

    pub(super) const REASON: u64 = 2;
    pub(super) const ATTRIBUTE: u64 = 3;
}

/// The numbers of the reasons for which a change is refused. None is used for another one later.
mod reason {
    pub(super) const ENDED: u64 = 1;
    pub(super) const CHANGED: u64 = 2;
    pub(super) const USER_CHANGED: u64 = 3;
    pub(super) const ROTATED: u64 = 4;
    pub(super) const NOT_AS_EXPECTED: u64 = 5;
    pub(super) const NOT_A_NUMBER: u64 = 6;
    pub(super) const OVERFLOW: u64 = 7;
    pub(super) const USED_UP: u64 = 8;
}

pub(crate) fn write(out: &mut Writer, number: u64, answer: &Answer) {
    out.field(tag::NUMBER, |out| out.number(number));
    match answer {
        Answer::Session { record, honours_former } => {
            out.flag(tag::HONOURS_FORMER, *honours_former);
            record_field::write(out, tag::RECORD, record);
        }
        Answer::NotChanged { honours_former } => {
            // There must be a last field that cannot be missing, so this is no flag.
            out.field(tag::HONOURS_FORMER, |out| out.byte(u8::from(*honours_former)));
        }
        Answer::Done { version, answer } => {
            out.field(tag::VERSION, |out| write_version(out, *version));
            out.field(tag::ANSWER, |out| out.bytes(answer));
        }
        Answer::Refused(refused) => write_refused(out, refused),
        Answer::Exists | Answer::Absent | Answer::Unknown | Answer::Unsaved | Answer::Failed => {}
    }
}

/// The answer to a call for the session of this key, with the call's number. `None` is one of a
/// later version of this program.
pub(crate) fn read(
    kind: FrameKind,
    mut fields: Fields,
    key: SessionKey,
) -> Result<Option<(u64, Answer)>, Malformed> {
    let number = fields.take(tag::NUMBER, "number", Reader::number)?;
    let (answer, last) = match kind {
        FrameKind::Session => {
            let honours_former = fields.flag(tag::HONOURS_FORMER)?;
            let record = fields.take(tag::RECORD, "record", record_field::read(key))?;
            (Answer::Session { record, honours_former }, tag::RECORD)
        }
        FrameKind::NotChanged => {
            let honours_former =
                fields.take(tag::HONOURS_FORMER, "word about proofs", read_bool)?;
            (Answer::NotChanged { honours_former }, tag::HONOURS_FORMER)
        }
        FrameKind::Done => {
            let version = fields.take(tag::VERSION, "version", read_version)?;
            let answer = fields.take(tag::ANSWER, "answer", Reader::bytes)?;
            (Answer::Done { version, answer }, tag::ANSWER)
        }
        FrameKind::Refused => match read_refused(&mut fields)? {
            Some(refused) => (Answer::Refused(refused), tag::ATTRIBUTE),
            None => return Ok(None),
        },
        FrameKind::Exists => (Answer::Exists, tag::NUMBER),
        FrameKind::Absent => (Answer::Absent, tag::NUMBER),
        FrameKind::Unknown => (Answer::Unknown, tag::NUMBER),
        FrameKind::Unsaved => (Answer::Unsaved, tag::NUMBER),
        FrameKind::Failed => (Answer::Failed, tag::NUMBER),
        _ => return Ok(None),
    };
    fields.skip(last)?;
    Ok(Some((number, answer)))
}

fn write_refused(out: &mut Writer, refused: &Refused) {
    let (reason, attribute) = match refused {
        Refused::Ended => (reason::ENDED, None),
        Refused::Changed(name) => (reason::CHANGED, Some(name)),
        Refused::UserChanged => (reason::USER_CHANGED, None),
        Refused::Rotated => (reason::ROTATED, None),
        Refused::NotAsExpected => (reason::NOT_AS_EXPECTED, None),
        Refused::NotANumber(name) => (reason::NOT_A_NUMBER, Some(name)),
        Refused::Overflow(name) => (reason::OVERFLOW, Some(name)),
        Refused::UsedUp => (reason::USED_UP, None),
    };
    out.field(tag::REASON, |out| out.number(reason));
    if let Some(name) = attribute {
        out.field(tag::ATTRIBUTE, |out| out.bytes(name.as_bytes()));
    }
}

fn read_refused(fields: &mut Fields) -> Result<Option<Refused>, Malformed> {
    let reason = fields.take(tag::REASON, "reason", Reader::number)?;
    let with: fn(Box<str>) -> Refused = match reason {
        reason::ENDED => return Ok(Some(Refused::Ended)),
        reason::USER_CHANGED => return Ok(Some(Refused::UserChanged)),
        reason::ROTATED => return Ok(Some(Refused::Rotated)),
        reason::NOT_AS_EXPECTED => return Ok(Some(Refused::NotAsExpected)),
        reason::USED_UP => return Ok(Some(Refused::UsedUp)),
        reason::CHANGED => Refused::Changed,
        reason::NOT_A_NUMBER => Refused::NotANumber,
        reason::OVERFLOW => Refused::Overflow,
        _ => return Ok(None),
    };
    let what = "name of an attribute";
    fields.take(tag::ATTRIBUTE, what, |field| field.text(what)).map(with).map(Some)
}

fn read_bool(field: &mut Reader) -> Result<bool, Malformed> {
    match field.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Malformed::Value("yes or no")),
    }
}
