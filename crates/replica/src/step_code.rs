//! The canonical bytes of a step.

use bytes::Bytes;
use litemap::LiteMap;

use crate::fields::Fields;
use crate::reader::{Malformed, Reader};
use crate::server_id::ServerId;
use crate::step::{Parts, Step};
use crate::values::{
    read_holder, read_operation, read_proof, read_server, read_version, write_holder,
    write_operation, write_server, write_version,
};
use crate::writer::Writer;

/// The tags of a step's fields. A number is never used for something else later.
mod tag {
    pub(super) const VERSIONS: u64 = 1;
    pub(super) const ATTRIBUTES: u64 = 2;
    pub(super) const PROOF: u64 = 3;
    pub(super) const USER: u64 = 4;
    pub(super) const ANSWER: u64 = 5;
    pub(super) const HOLDERS: u64 = 6;
    pub(super) const DROPPED: u64 = 7;
    pub(super) const ENDS: u64 = 8;
}

/// The bytes of a step. What does not change takes none, so that a small change of a large session
/// is a small message.
#[must_use]
pub fn write(step: &Step) -> Vec<u8> {
    let mut out = Writer::default();
    out.field(tag::VERSIONS, |out| {
        write_version(out, step.from);
        out.number(step.to.sequence);
        out.number(step.acknowledged);
    });
    if !step.attributes.is_empty() {
        out.field(tag::ATTRIBUTES, |out| write_attributes(out, &step.attributes));
    }
    if let Some(proof) = &step.proof {
        out.field(tag::PROOF, |out| out.bytes(proof.as_bytes()));
    }
    if let Some(user) = &step.user {
        let user = user.as_deref();
        out.field(tag::USER, |out| out.maybe(user, |out, user| out.bytes(user.as_bytes())));
    }
    if let Some((number, answer)) = &step.answer {
        out.field(tag::ANSWER, |out| {
            write_operation(out, number);
            out.bytes(answer);
        });
    }
    if !step.holders.is_empty() {
        out.field(tag::HOLDERS, |out| {
            step.holders.iter().for_each(|holder| write_holder(out, holder));
        });
    }
    if !step.dropped.is_empty() {
        out.field(tag::DROPPED, |out| {
            step.dropped.iter().for_each(|server| write_server(out, *server));
        });
    }
    if step.ends {
        out.field(tag::ENDS, |_| {});
    }
    out.finish()
}

/// The step that these bytes are. Its values share their memory.
///
/// # Errors
/// [`Malformed`], when they are no step, or not written in the one way in which it can be.
pub fn read(bytes: Bytes) -> Result<Step, Malformed> {
    let mut fields = Fields::of(Reader::new(bytes))?;
    let (from, sequence, acknowledged) = fields.take(tag::VERSIONS, "versions", |field| {
        Ok((read_version(field)?, field.number()?, field.number()?))
    })?;
    let to = from.next().filter(|next| next.sequence == sequence);
    let step = Step {
        from,
        to: to.ok_or(Malformed::Value("number of a change"))?,
        acknowledged,
        attributes: fields.find(tag::ATTRIBUTES, read_attributes)?.unwrap_or_default(),
        proof: fields.find(tag::PROOF, read_proof)?,
        user: fields.find(tag::USER, |field| field.maybe(|field| field.text("user")))?,
        answer: fields.find(tag::ANSWER, |field| Ok((read_operation(field)?, field.bytes()?)))?,
        holders: fields
            .find(tag::HOLDERS, |field| list(field, read_holder, |one| one.server))?
            .unwrap_or_default(),
        dropped: fields
            .find(tag::DROPPED, |field| list(field, read_server, |one| *one))?
            .unwrap_or_default(),
        ends: fields.find(tag::ENDS, |_| Ok(()))?.is_some(),
    };
    // A field of a later version would change the record there and not here.
    match fields.rest(tag::ENDS)?.is_empty() {
        true => Ok(step),
        false => Err(Malformed::Value("field of a step: it is not known here")),
    }
}

fn write_attributes(out: &mut Writer, attributes: &Parts) {
    for (web_app, part) in attributes.iter() {
        out.bytes(web_app.as_bytes());
        out.number(part.len() as u64);
        for (name, value) in part.iter() {
            out.bytes(name.as_bytes());
            out.maybe(value.as_ref(), |out, value| out.bytes(value));
        }
    }
}

fn read_attributes(field: &mut Reader) -> Result<Parts, Malformed> {
    let mut attributes = Parts::new();
    while !field.is_empty() {
        let web_app = field.text("path of a web-app")?;
        let mut part = LiteMap::new();
        // Each takes at least two bytes, so nothing is reserved for a number that is too large.
        for _ in 0..field.number()? {
            let name = field.text("name of an attribute")?;
            let value = field.maybe(Reader::bytes)?;
            in_order(&part, &name)?;
            part.insert(name, value);
        }
        in_order(&attributes, &web_app)?;
        if part.is_empty() {
            return Err(Malformed::Value("number of attributes"));
        }
        attributes.insert(web_app, part);
    }
    if attributes.is_empty() { Err(Malformed::Short) } else { Ok(attributes) }
}

fn in_order<V>(before: &LiteMap<Box<str>, V>, next: &str) -> Result<(), Malformed> {
    match before.last() {
        Some((last, _)) if &**last >= next => Err(Malformed::Order("attributes")),
        _ => Ok(()),
    }
}

/// At least one, as many as there are, in the order of names.
fn list<T>(
    field: &mut Reader,
    read: impl Fn(&mut Reader) -> Result<T, Malformed>,
    name: impl Fn(&T) -> ServerId,
) -> Result<Vec<T>, Malformed> {
    let mut all = vec![read(field)?];
    while !field.is_empty() {
        let next = read(field)?;
        if all.last().is_some_and(|last| name(last) >= name(&next)) {
            return Err(Malformed::Order("servers"));
        }
        all.push(next);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{record, steps, version};

    /// What the design promises for one attribute of 100 bytes, whatever else the session holds.
    #[test]
    fn a_small_change_is_a_small_message() {
        let mut step = Step::after(&record(version(1, 1))).unwrap();
        let part = [("colour".into(), Some(Bytes::from(vec![b'x'; 100])))];
        step.attributes.insert("/shop".into(), part.into_iter().collect());
        assert_eq!(write(&step).len(), 126);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(step in steps()) {
            prop_assert_eq!(read(write(&step).into()), Ok(step));
        }

        #[test]
        fn whatever_is_read_would_be_written_in_the_same_way(
            step in steps(),
            place: prop::sample::Index,
            byte: u8,
        ) {
            let mut bytes = write(&step);
            let place = place.index(bytes.len());
            bytes[place] = byte;
            if let Ok(other) = read(bytes.clone().into()) {
                prop_assert_eq!(write(&other), bytes);
            }
        }

        #[test]
        fn any_bytes_at_all_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok(step) = read(bytes.clone().into()) {
                prop_assert_eq!(write(&step), bytes);
            }
        }
    }
}
