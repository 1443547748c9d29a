//! What the fields of a head say about the message, gathered in one pass.

use crate::connection::Connection;
use crate::field::{Field, FieldKind, Fields};
use crate::field_block::BadFields;
use crate::framing::{BadFraming, Coding, read_length};
use crate::version::Version;

/// A field that should come once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen<'b> {
    Never,
    Once(&'b [u8]),
    Again,
}

impl<'b> Seen<'b> {
    fn see(&mut self, value: &'b [u8]) {
        *self = if *self == Seen::Never { Seen::Once(value) } else { Seen::Again };
    }
}

/// What the fields of a head say about the message.
#[derive(Debug)]
pub(crate) struct Facts<'b> {
    pub(crate) length: Option<u64>,
    pub(crate) coding: Option<Coding>,
    pub(crate) connection: Connection,
    pub(crate) host: Seen<'b>,
    pub(crate) expect: Seen<'b>,
    pub(crate) upgrade: Seen<'b>,
    /// Whether each line is what we would write: a name, a colon, one space and the value.
    pub(crate) plain: bool,
}

/// Why no facts could be gathered.
#[derive(Debug)]
pub(crate) enum BadFacts {
    Fields(BadFields),
    Framing(BadFraming),
}

impl<'b> Facts<'b> {
    /// Gathers the facts and the fields, each with its kind, from the lines of a head.
    pub(crate) fn gather(lines: &[&'b [u8]]) -> Result<(Self, Fields<'b>), BadFacts> {
        let mut facts = Facts {
            length: None,
            coding: None,
            connection: Connection::default(),
            host: Seen::Never,
            expect: Seen::Never,
            upgrade: Seen::Never,
            plain: true,
        };
        let mut fields = Fields::with_capacity(lines.len());
        for line in lines {
            let (field, plain) = Field::read(line).map_err(BadFacts::Fields)?;
            facts.plain &= plain;
            fields.push(field);
        }
        // Bad lines come first: what other fields say means nothing then.
        for field in &fields {
            facts.take(field.kind, field.value)?;
        }
        facts.connection.nominate(&mut fields);
        Ok((facts, fields))
    }

    fn take(&mut self, kind: FieldKind, value: &'b [u8]) -> Result<(), BadFacts> {
        match kind {
            FieldKind::ContentLength => {
                let length = read_length(value).map_err(BadFacts::Framing)?;
                if self.length.replace(length).is_some() {
                    return Err(BadFacts::Framing(BadFraming::LengthTwice));
                }
            }
            FieldKind::TransferEncoding => {
                let before = self.coding.replace(Coding::read(value));
                if before.is_some() {
                    return Err(BadFacts::Framing(BadFraming::CodingTwice));
                }
            }
            FieldKind::Connection => {
                let read = self.connection.read(value);
                read.map_err(|_| BadFacts::Fields(BadFields::TooManyOptions))?;
            }
            FieldKind::Host => self.host.see(value),
            FieldKind::Expect => self.expect.see(value),
            FieldKind::Upgrade => self.upgrade.see(value),
            _ => {}
        }
        Ok(())
    }

    /// Whether the sender wants to go on with the connection.
    pub(crate) fn keep_alive(&self, version: Version) -> bool {
        // RFC 9112, 9.3: "If the "close" connection option is present, the connection will not
        // persist after the current response; else, if the received protocol is HTTP/1.1 (or
        // later), the connection will persist; else, if the received protocol is HTTP/1.0, the
        // "keep-alive" connection option is present [...], the connection will persist"
        !self.connection.close && (version == Version::Http11 || self.connection.keep_alive)
    }
}
