//! Where the frame of a record stands.

use std::sync::Arc;

use bytes::Bytes;
use copal_protocol::session_key::SessionKey;

use crate::disk::frame::{self, Entry};
use crate::disk::segment::Segment;

/// Where a frame stands.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) segment: Arc<Segment>,
    pub(crate) at: u32,
    pub(crate) length: u32,
}

impl Place {
    /// Whether this is the frame at that place.
    pub(crate) fn is(&self, segment: u32, at: u64) -> bool {
        self.segment.number == segment && u64::from(self.at) == at
    }

    /// Reads the record with this key, or says why that cannot be.
    pub(crate) fn read(&self, key: SessionKey) -> Result<Bytes, String> {
        let mut frame = vec![0; self.length as usize];
        let at = u64::from(self.at);
        self.segment.file.read_at(&mut frame, at).map_err(|error| error.to_string())?;
        match frame::read(&frame, self.segment.spot(at)) {
            Some(Entry::Put { key: found, value }) if found == key => {
                let begin = frame.len() - value.len();
                Ok(Bytes::from(frame).slice(begin..))
            }
            _ => Err("these are not the bytes that were written".to_owned()),
        }
    }
}
