//! Adding to an attribute.

use bytes::Bytes;

use crate::changes::Changes;
use crate::error::Error;

/// What is to be added to an attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum<'a> {
    pub(crate) name: &'a str,
    pub(crate) by: i64,
    /// What the request did to the attribute before, if anything: it counts as carried out.
    pub(crate) pending: Option<&'a Option<Bytes>>,
}

impl Sum<'_> {
    /// The new value, and the change that makes it. An attribute that is not there counts as 0.
    pub(crate) fn of(&self, stored: Option<&Bytes>) -> Result<(i64, Changes), Error> {
        let before = self.pending.map_or(stored, Option::as_ref);
        let number = before.map_or(Ok(0), |bytes| serde_json::from_slice::<i64>(bytes));
        let number = number.map_err(|_| Error::NotANumber { name: self.name.to_owned() })?;
        let overflow = || Error::Overflow { name: self.name.to_owned(), by: self.by };
        let sum = number.checked_add(self.by).ok_or_else(overflow)?;
        let mut changes = Changes::default();
        changes.set(self.name, Bytes::from(sum.to_string()));
        Ok((sum, changes))
    }
}
