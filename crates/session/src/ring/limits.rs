//! The bounds of the ring's threads and connections.

use std::time::Duration;

use copal_protocol::limits::SESSION_FRAME;
use copal_replica::timing::{HEARTBEAT, LEASE, PROMISE};

use crate::disk::limits::HANGS_AFTER;

/// So many parts of all keys have a lock of their own.
pub(crate) const SHARDS: usize = 64;

/// How often the engine is told that time has passed.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// How often it is looked whether heartbeats are due.
pub(crate) const PULSE: Duration = Duration::from_millis(50);
const _: () = assert!(PULSE.as_millis() * 4 < HEARTBEAT.as_millis());

/// How long a connection to another server may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(1);

/// How long an answer to a call is waited for before another one is tried beside it. The system sends a
/// packet that was lost again only after a second.
pub(crate) const CALL_AGAIN: Duration = Duration::from_millis(250);

/// A server whose port is closed for so long after this one was started is not just starting, too.
pub(crate) const STARTING: Duration = Duration::from_secs(1);

/// How long it may take until both sides have said who they are.
pub(crate) const GREET: Duration = Duration::from_secs(2);

/// After a connection that failed the next one waits at least so long, and at most the second.
pub(crate) const RETRY_SOONEST: Duration = Duration::from_millis(50);
pub(crate) const RETRY_LATEST: Duration = Duration::from_millis(500);
// Whoever comes back is found before it is missed.
const _: () = assert!(RETRY_LATEST.as_millis() < LEASE.as_millis());

/// A connection on which nothing comes back for so long is given up. The system would try for a quarter of
/// an hour, with pauses that grow, and notice as late when packets arrive again. While nothing is sent it
/// is probed so often at the end of that time, so many times.
pub(crate) const DEAD: Duration = PROMISE;
pub(crate) const PROBE: Duration = Duration::from_secs(1);
pub(crate) const PROBES: u32 = 1;
const _: () = assert!(DEAD.as_secs() > PROBE.as_secs() * PROBES as u64);

/// What may wait to be written to one server. Whoever is so far behind is cut off, and gets whole
/// records when it is there again.
pub(crate) const UNSENT: usize = 64 << 20;

/// With so much waiting to be written to one server, whole records that nobody asks for wait until it is
/// less: what somebody waits for comes behind that, and whoever is asked for nothing is never cut off.
pub(crate) const CROWDED: usize = 4 << 20;
const _: () = assert!(CROWDED * 4 < UNSENT);

/// For so long all others must be there until they have sent everything that a server with a damaged disk
/// should have: each looks after all its sessions several times meanwhile.
pub(crate) const COMPARED: Duration = Duration::from_secs(30);

/// For so long an answer is held back for the disk at most: nobody waits for three seconds.
pub(crate) const HELD: Duration = Duration::from_millis(2500);
const _: () = assert!(HELD.as_millis() > HANGS_AFTER.as_millis());
/// So many sessions at most leave memory at one tick.
pub(crate) const STOWED_AT_ONCE: usize = 4096;

/// How long a server that stops waits for its disk.
pub(crate) const CLOSE: Duration = Duration::from_secs(5);

/// There is room for so much when nothing is left over from what was read before.
pub(crate) const READ_AT_ONCE: usize = 64 << 10;

const _: () = assert!(UNSENT > 2 * SESSION_FRAME);
