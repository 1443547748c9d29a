//! The bounds that no configuration key sets.

use std::time::Duration;

/// Fields that a web tier adds to a request: those of `Forwarded` and its kin, its names, our own.
pub(crate) const ADDED_FIELDS: usize = 16;

/// How large they are, the values aside that it repeats.
pub(crate) const ADDED_BYTES: usize = 4 << 10;

/// The head itself, and the authority in two more fields, which may be nearly all of a head.
pub(crate) const ADDED_TIMES: usize = 3;

/// Files that four clients need: their connections.
pub(crate) const FILES_FOR_FOUR: u64 = 4;

/// How long, and for how many bytes, we read on after the last answer of a connection that still
/// sends: a close with unread bytes in the kernel becomes a reset, and destroys the answer on
/// its way.
pub(crate) const LINGER: Duration = Duration::from_secs(2);

/// See [`LINGER`].
pub(crate) const LINGER_BYTES: usize = 16 << 20;

/// How long a stopping server waits for the first request of a connection that it has just taken.
pub(crate) const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// How long the cluster port keeps an idle connection while the server stops. A web tier drops
/// connections that were idle for its `load-balance-idle-time`, 5 s; a connection that we closed
/// earlier could be crossed by a request that was just sent on it.
pub(crate) const CLUSTER_IDLE: Duration = Duration::from_secs(6);

/// How long at most the cluster port of a stopping server takes connections, so that web servers
/// hear from it that it leaves. Those that ask more rarely hear it from the closed port.
pub(crate) const HEARING_TIME: Duration = Duration::from_secs(3);

/// Connections to the cluster port of one thread that have proved nothing yet. Our own servers prove with
/// their second request; whoever has waited longest goes when there are more.
pub(crate) const STRANGERS: usize = 256;

/// Pieces of an answer's body that are read before the connection takes them, where they are read on
/// another thread.
pub(crate) const PIECES_AHEAD: usize = 1;

/// Bytes of one connection that wait to be read or to be sent, beside a head.
pub(crate) const BUFFER: usize = 64 << 10;

/// Bytes that one read of a file takes at most.
pub(crate) const FILE_PIECE: usize = 64 << 10;

/// How long a server that stops waits before it tries again to save what it had kept back.
pub(crate) const SAVE_AGAIN: Duration = Duration::from_millis(100);

/// How often sessions whose time is over are looked for.
pub(crate) const SWEEP: Duration = Duration::from_secs(1);

/// How many of them are ended before somebody else may have the thread.
pub(crate) const SWEPT_AT_ONCE: usize = 1000;

/// How long applications may go on behind the backs of connections that are gone.
pub(crate) const LAST_MOMENT: Duration = Duration::from_millis(100);

/// The longest message of the demo application's WebSocket, in bytes.
pub(crate) const DEMO_MESSAGE: usize = 1 << 20;

/// The longest sleep of the demo application.
pub(crate) const DEMO_SLEEP: Duration = Duration::from_secs(600);

/// Bytes that the demo application reads of an attribute.
pub(crate) const DEMO_ATTRIBUTE: usize = 64 << 10;

/// Bytes in one piece of the demo application's long answers.
pub(crate) const DEMO_PIECE: usize = 16 << 10;

// hyper refuses to work with less.
const _: () = assert!(BUFFER >= 8 << 10);
// First the clients' connections are let go, then the web tier's.
const _: () = assert!(FIRST_REQUEST.as_secs() < CLUSTER_IDLE.as_secs());
