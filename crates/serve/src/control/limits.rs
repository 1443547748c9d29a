//! The bounds of what an operator's program can make long.

use std::time::Duration;

use copal_http1::limits::HeadLimits;

/// Bounds of a request head.
pub(crate) const HEAD: HeadLimits =
    HeadLimits { max_head: 16 << 10, max_fields: 100, max_uri: 8 << 10 };

/// Bytes of a request body.
pub(crate) const BODY: usize = 64 << 10;

/// Connections of the control socket at a time; for a further one the longest idle one goes.
pub(crate) const CONNECTIONS: usize = 64;

/// The same of the admin listener, where anybody may come in. The desk, which also checks the
/// health of servers, answers them in turn, so this is how long it can be kept from anything else.
pub(crate) const ADMIN_CONNECTIONS: usize = 8;

/// Connections that wait in the queue of the control socket.
pub(crate) const BACKLOG: i32 = 128;

/// For a head from its first byte, for a body, and for an answer.
pub(crate) const MESSAGE_TIME: Duration = Duration::from_secs(10);

/// For a connection between requests.
pub(crate) const IDLE_TIME: Duration = Duration::from_secs(60);

/// For a client that was refused, to read the answer and go.
pub(crate) const LINGER_TIME: Duration = Duration::from_secs(2);

/// How long accepting rests after it failed, which is when there are no files left.
pub(crate) const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// After this time a reload that has not ended is worth a warning.
pub(crate) const SLOW_RELOAD: Duration = Duration::from_secs(10);

/// For the control thread to end, once it is to. It waits for nothing, so this is for the worst.
pub(crate) const END_TIME: Duration = Duration::from_secs(2);

/// Bytes of the path of a unix socket: the 108 of Linux, less the zero at its end.
pub(crate) const SOCKET_PATH: usize = 107;
