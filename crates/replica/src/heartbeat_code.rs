//! The bytes of heartbeats, with those of their answers.

use bytes::Bytes;
use copal_protocol::state::State;

use crate::fields::Fields;
use crate::heartbeat::{Heartbeat, HeartbeatAnswer};
use crate::incarnation::Incarnation;
use crate::reader::{Malformed, Reader};
use crate::writer::Writer;

/// The tags of the fields. A number is never used for something else later.
mod tag {
    pub(super) const INCARNATION: u64 = 1;
    pub(super) const NUMBER: u64 = 2;
    pub(super) const HEARS_YOU: u64 = 3;
    pub(super) const STATE: u64 = 4;
}

/// The bytes of a heartbeat.
#[must_use]
pub fn write(heartbeat: &Heartbeat) -> Vec<u8> {
    let mut out = Writer::default();
    out.field(tag::INCARNATION, |out| out.number(heartbeat.incarnation.0));
    out.field(tag::NUMBER, |out| out.number(heartbeat.number));
    out.finish()
}

/// The heartbeat that these bytes are. Fields of a later version are skipped.
///
/// # Errors
/// [`Malformed`], when they are none.
pub fn read(bytes: Bytes) -> Result<Heartbeat, Malformed> {
    let mut fields = Fields::of(Reader::new(bytes))?;
    let incarnation = Incarnation(fields.take(tag::INCARNATION, "incarnation", Reader::number)?);
    let number = fields.take(tag::NUMBER, "number", Reader::number)?;
    fields.skip(tag::NUMBER)?;
    Ok(Heartbeat { incarnation, number })
}

/// The bytes of the answer to a heartbeat.
#[must_use]
pub fn write_answer(answer: &HeartbeatAnswer) -> Vec<u8> {
    let mut out = Writer::default();
    out.field(tag::INCARNATION, |out| out.number(answer.incarnation.0));
    out.field(tag::NUMBER, |out| out.number(answer.number));
    out.flag(tag::HEARS_YOU, answer.hears_you);
    out.field_of(tag::STATE, answer.state.as_str().as_bytes());
    out.finish()
}

/// The answer that these bytes are. Fields of a later version are skipped.
///
/// # Errors
/// [`Malformed`], when they are none.
pub fn read_answer(bytes: Bytes) -> Result<HeartbeatAnswer, Malformed> {
    let mut fields = Fields::of(Reader::new(bytes))?;
    let answer = HeartbeatAnswer {
        incarnation: Incarnation(fields.take(tag::INCARNATION, "incarnation", Reader::number)?),
        number: fields.take(tag::NUMBER, "number", Reader::number)?,
        hears_you: fields.flag(tag::HEARS_YOU)?,
        state: fields.take(tag::STATE, "state", |field| read_state(&field.rest()))?,
    };
    fields.skip(tag::STATE)?;
    Ok(answer)
}

fn read_state(word: &[u8]) -> Result<State, Malformed> {
    // There is one way to write each.
    let state = State::parse(word).filter(|state| state.as_str().as_bytes() == word);
    state.ok_or(Malformed::Value("state"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answers() -> impl Strategy<Value = HeartbeatAnswer> {
        let state = prop::sample::select(State::ALL.to_vec());
        let all = (any::<u64>(), any::<u64>(), any::<bool>(), state);
        all.prop_map(|(incarnation, number, hears_you, state)| HeartbeatAnswer {
            incarnation: Incarnation(incarnation),
            number,
            hears_you,
            state,
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(incarnation: u64, number: u64, answer in answers()) {
            let heartbeat = Heartbeat { incarnation: Incarnation(incarnation), number };
            prop_assert_eq!(read(write(&heartbeat).into()), Ok(heartbeat));
            prop_assert_eq!(read_answer(write_answer(&answer).into()), Ok(answer));
            let later = |mut bytes: Vec<u8>| {
                bytes.extend([100, 1, 0]);
                Bytes::from(bytes)
            };
            prop_assert_eq!(read(later(write(&heartbeat))), Ok(heartbeat));
            prop_assert_eq!(read_answer(later(write_answer(&answer))), Ok(answer));
        }

        #[test]
        fn what_was_cut_is_refused(answer in answers(), place: prop::sample::Index) {
            let bytes = write_answer(&answer);
            let cut = place.index(bytes.len());
            prop_assert!(read_answer(Bytes::copy_from_slice(&bytes[..cut])).is_err());
        }

        #[test]
        fn any_bytes_at_all_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok(heartbeat) = read(bytes.clone().into()) {
                prop_assert_eq!(read(write(&heartbeat).into()), Ok(heartbeat));
            }
            if let Ok(answer) = read_answer(bytes.into()) {
                prop_assert_eq!(read_answer(write_answer(&answer).into()), Ok(answer));
            }
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_documentation() {
        let documentation = include_str!("../../../docs/wire.md");
        let incarnation = Incarnation(7);
        let heartbeat = write(&Heartbeat { incarnation, number: 300 });
        let state = State::Ready;
        let answer = HeartbeatAnswer { incarnation, number: 300, hears_you: true, state };
        for (bytes, expected) in [
            (heartbeat, "0101070202ac02"),
            (write_answer(&answer), "0101070202ac02030004057265616479"),
        ] {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, expected);
            assert!(documentation.contains(&format!("`{expected}`")), "{expected}");
        }
        let shouted = b"\x01\x01\x07\x02\x01\x01\x04\x05READY";
        assert_eq!(read_answer(Bytes::from_static(shouted)), Err(Malformed::Value("state")));
    }
}
