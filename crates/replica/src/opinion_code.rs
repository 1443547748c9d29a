//! The bytes of the question who acts for a session, with those of the answer.

use std::time::Duration;

use copal_protocol::session_key::SessionKey;

use crate::fields::Fields;
use crate::frame_kind::FrameKind;
use crate::incarnation::Incarnation;
use crate::inquiry::Question;
use crate::opinion::{Help, Opinion, Shown};
use crate::reader::{Malformed, Reader};
use crate::record_field;
use crate::values::{
    read_epoch, read_server, read_span, read_version, write_epoch, write_server, write_span,
    write_version,
};
use crate::writer::Writer;

/// The tags of a question's fields. A number is never used for something else later.
mod ask {
    pub(super) const NUMBER: u64 = 1;
    pub(super) const ASKER: u64 = 2;
    pub(super) const ABOUT: u64 = 3;
    pub(super) const PROPOSAL: u64 = 4;
    pub(super) const HAS: u64 = 5;
}

/// The tags of an opinion's fields. A number is never used for something else later.
mod tag {
    pub(super) const NUMBER: u64 = 1;
    pub(super) const INCARNATION: u64 = 2;
    pub(super) const BEGUN: u64 = 3;
    pub(super) const PROMISED: u64 = 4;
    pub(super) const ACTS: u64 = 5;
    /// The copy: a record, or in a brief opinion its outline.
    pub(super) const COPY: u64 = 6;
    pub(super) const HEARS_ACTING: u64 = 7;
    pub(super) const MAY_MISS: u64 = 8;
    pub(super) const HELP: u64 = 9;
    pub(super) const AGE: u64 = 10;
}

pub(crate) fn write_question(out: &mut Writer, number: u64, question: &Question) {
    out.field(ask::NUMBER, |out| out.number(number));
    out.field(ask::ASKER, |out| write_server(out, question.asker));
    if let Some(epoch) = question.about {
        out.field(ask::ABOUT, |out| write_epoch(out, epoch));
    }
    out.field(ask::PROPOSAL, |out| write_epoch(out, question.proposal));
    out.field(ask::HAS, |out| out.maybe(question.has, write_version));
}

pub(crate) fn read_question(mut fields: Fields) -> Result<(u64, Question), Malformed> {
    let number = fields.take(ask::NUMBER, "number", Reader::number)?;
    let question = Question {
        asker: fields.take(ask::ASKER, "asker", read_server)?,
        about: fields.find(ask::ABOUT, read_epoch)?,
        proposal: fields.take(ask::PROPOSAL, "proposed epoch", read_epoch)?,
        has: fields.take(ask::HAS, "version of the asker", |field| field.maybe(read_version))?,
    };
    fields.skip(ask::HAS)?;
    Ok((number, question))
}

pub(crate) fn write(out: &mut Writer, number: u64, opinion: &Opinion) {
    out.field(tag::NUMBER, |out| out.number(number));
    out.field(tag::INCARNATION, |out| out.number(opinion.incarnation.0));
    if let Some(epoch) = opinion.begun {
        out.field(tag::BEGUN, |out| write_epoch(out, epoch));
    }
    if let Some(epoch) = opinion.promised {
        out.field(tag::PROMISED, |out| write_epoch(out, epoch));
    }
    out.flag(tag::ACTS, opinion.acts);
    match &opinion.copy {
        Some(Shown::Record(record)) => record_field::write(out, tag::COPY, record),
        Some(Shown::Outline(outline)) => record_field::write_outline(out, tag::COPY, outline),
        None => {}
    }
    out.flag(tag::HEARS_ACTING, opinion.hears_acting);
    out.flag(tag::MAY_MISS, opinion.may_miss);
    out.field(tag::HELP, |out| write_help(out, opinion.help));
    if let Some(age) = opinion.age {
        out.field(tag::AGE, |out| write_span(out, age));
    }
}

/// The opinion on the session of this key.
pub(crate) fn read(
    kind: FrameKind,
    mut fields: Fields,
    key: SessionKey,
) -> Result<(u64, Opinion), Malformed> {
    let number = fields.take(tag::NUMBER, "number", Reader::number)?;
    let opinion = Opinion {
        incarnation: Incarnation(fields.take(tag::INCARNATION, "incarnation", Reader::number)?),
        begun: fields.find(tag::BEGUN, read_epoch)?,
        promised: fields.find(tag::PROMISED, read_epoch)?,
        acts: fields.flag(tag::ACTS)?,
        copy: if kind == FrameKind::BriefOpinion {
            let outline = fields.take(tag::COPY, "outline", record_field::read_outline(key))?;
            Some(Shown::Outline(Box::new(outline)))
        } else {
            fields.find(tag::COPY, record_field::read(key))?.map(Shown::Record)
        },
        hears_acting: fields.flag(tag::HEARS_ACTING)?,
        may_miss: fields.flag(tag::MAY_MISS)?,
        help: fields.take(tag::HELP, "word about help", read_help)?,
        age: fields.find(tag::AGE, read_span)?,
    };
    fields.skip(tag::AGE)?;
    if opinion.acts && opinion.begun.is_none() {
        return Err(Malformed::Missing("epoch by which it acts"));
    }
    Ok((number, opinion))
}

fn write_help(out: &mut Writer, help: Help) {
    match help {
        Help::Now => out.byte(0),
        Help::In(wait) => {
            out.byte(1);
            // Rounded up: whoever asks again too early would have to ask once more.
            write_span(out, wait.saturating_add(Duration::from_nanos(999_999)));
        }
    }
}

fn read_help(field: &mut Reader) -> Result<Help, Malformed> {
    match field.byte()? {
        0 => Ok(Help::Now),
        1 => read_span(field).map(Help::In),
        // It may be a promise or none: nothing can be assumed.
        _ => Err(Malformed::Value("word about help")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_and_bounded() {
        for (wait, read) in [
            (Duration::ZERO, Duration::ZERO),
            (Duration::from_nanos(1), Duration::from_millis(1)),
            (Duration::from_millis(7), Duration::from_millis(7)),
            (Duration::MAX, crate::values::LONGEST),
        ] {
            let mut out = Writer::default();
            write_help(&mut out, Help::In(wait));
            let mut reader = Reader::new(out.finish().into());
            assert_eq!(read_help(&mut reader), Ok(Help::In(read)), "{wait:?}");
        }
    }

    #[test]
    fn nobody_acts_without_an_epoch() {
        let mut out = Writer::default();
        out.field(tag::NUMBER, |out| out.number(1));
        out.field(tag::INCARNATION, |out| out.number(1));
        out.flag(tag::ACTS, true);
        out.field(tag::HELP, |out| out.byte(0));
        let fields = Fields::of(Reader::new(out.finish().into())).unwrap();
        let key = SessionKey::parse(b"X8ZwooOzabc").unwrap();
        assert_eq!(
            read(FrameKind::Opinion, fields, key).unwrap_err().to_string(),
            "no epoch by which it acts"
        );
    }
}
