//! The options of the `Connection` fields of a head.

use crate::alphabet;
use crate::field::{FieldKind, Fields};
use crate::limits;

/// What the `Connection` fields of a head say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Connection {
    pub(crate) close: bool,
    pub(crate) keep_alive: bool,
    pub(crate) upgrade: bool,
    nominates: bool,
    options: usize,
}

/// More options than [`limits::CONNECTION_OPTIONS`].
#[derive(Debug)]
pub(crate) struct TooManyOptions;

impl Connection {
    /// Takes the options of one field in. What is not a token can name no field and is passed
    /// over.
    pub(crate) fn read(&mut self, value: &[u8]) -> Result<(), TooManyOptions> {
        for option in alphabet::list(value) {
            self.options += 1;
            if self.options > limits::CONNECTION_OPTIONS {
                return Err(TooManyOptions);
            }
            // RFC 9110, 7.6.1: "Connection options are case-insensitive."
            if option.eq_ignore_ascii_case(b"keep-alive") {
                self.keep_alive = true;
            } else if option.eq_ignore_ascii_case(b"close") {
                self.close = true;
            } else if option.eq_ignore_ascii_case(b"upgrade") {
                self.upgrade = true;
            } else {
                self.nominates |= FieldKind::of(option).may_be_nominated();
            }
        }
        Ok(())
    }

    /// Marks the fields that the `Connection` fields name.
    pub(crate) fn nominate(self, fields: &mut Fields<'_>) {
        if !self.nominates {
            return;
        }
        // RFC 9110, 7.6.1: "Intermediaries MUST parse a received Connection header field before a
        // message is forwarded and, for each connection-option in this field, remove any header
        // or trailer field(s) from the message with the same name as the connection-option"
        let named: Vec<&[u8]> = fields
            .iter()
            .filter(|field| field.kind == FieldKind::Connection)
            .flat_map(|field| alphabet::list(field.value))
            .collect();
        for field in fields.iter_mut().filter(|field| field.kind.may_be_nominated()) {
            if named.iter().any(|name| field.name.eq_ignore_ascii_case(name)) {
                field.kind = FieldKind::Nominated;
            }
        }
    }
}
