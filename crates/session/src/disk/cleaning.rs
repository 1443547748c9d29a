//! Moving what counts out of the oldest segment, so that it can be removed.

use std::sync::Arc;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::disk::frame::Entry;
use crate::disk::log::{Log, LogError, Places};
use crate::disk::reader::{Reader, Step};

/// How far the oldest segment has been looked through.
#[derive(Debug, Default)]
pub(crate) struct Cleaning {
    at: Option<(u32, Reader)>,
}

impl Cleaning {
    /// Looks through the next part of the oldest segment and appends anew what counts in it;
    /// `counts` says of a key whether its newest version stands at this place. What it returns
    /// stands somewhere else now. A segment that was looked through to its end is removed by the
    /// next call.
    pub(crate) fn step(
        &mut self,
        log: &mut Log,
        counts: impl FnOnce(u32, &mut Vec<(SessionKey, u64, Bytes)>),
    ) -> Result<Places, LogError> {
        let Some((oldest, end)) = log.oldest() else { return Ok(Places::new()) };
        let number = oldest.number;
        let mut reader = match self.at.take() {
            Some((at, reader)) if at == number => reader,
            _ => Reader::new(Arc::clone(&oldest), end),
        };
        if reader.at() >= end {
            if let Some(error) = log.drop_oldest()? {
                tracing::warn!(segment = number, %error, "an old segment could not be removed");
            }
            return Ok(Places::new());
        }
        let from = reader.at();
        let mut found = Vec::new();
        read_on(&mut reader, log.ground().bounds.cleaned_at_once, &mut found)?;
        counts(number, &mut found);
        let moved = log.append(found.iter().map(|(key, _, value)| (*key, Some(value))));
        if moved.is_err() {
            reader.go_to(from);
        }
        self.at = Some((number, reader));
        moved
    }
}

/// Reads records until there are about this many bytes of them.
fn read_on(
    reader: &mut Reader,
    most: u64,
    found: &mut Vec<(SessionKey, u64, Bytes)>,
) -> Result<(), LogError> {
    let until = reader.at() + most;
    while reader.at() < until {
        match reader.step() {
            Ok(Step::Entry { at, entry: Entry::Put { key, value }, .. }) => {
                found.push((key, at, Bytes::copy_from_slice(value)));
            }
            // A removal has nothing older to keep away any more, and marks have done their work.
            Ok(Step::Entry { .. }) => {}
            Ok(Step::End) => break,
            Ok(Step::Broken { at }) => {
                return Err(LogError::Failed(format!("an old segment is damaged at byte {at}")));
            }
            Err(error) => {
                return Err(LogError::Failed(format!("an old segment cannot be read: {error}")));
            }
        }
    }
    Ok(())
}
