//! The key `port`.

use crate::bounds;
use crate::written::leaf::Leaf;
use crate::written::table::Table;

/// Reads the key `port` of anything that listens.
pub(crate) fn port(table: &Table<'_>) -> Leaf<u16> {
    table.whole("port", bounds::PORT).and_then(|port, _| u16::try_from(port).ok())
}
