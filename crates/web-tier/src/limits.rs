//! Every bound of the web tier that is not in the configuration file.

use std::time::Duration;

use copal_serve::buffer;

/// Files that four clients need: their connections, and those to the servers that answer three of
/// them. The fourth is idle.
pub(crate) const FILES_FOR_FOUR: u64 = 7;

/// How long a client that was told to go is still read from before it is cut off.
pub(crate) const LINGER_TIME: Duration = Duration::from_secs(30);

/// How long it may be silent meanwhile.
pub(crate) const LINGER_SILENCE: Duration = Duration::from_secs(5);

/// How long a client that came while the server was stopping may take to say what it wants.
pub(crate) const LAST_WORD: Duration = Duration::from_secs(1);

/// How long after an answer a connection is kept ready for the next request, with the memory of
/// one that is being served. One that is silent for longer is idle.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);

/// How many connections a thread keeps ready at a time. With many more clients, few of them follow
/// one request closely with another, and the memory is worth more than the time.
pub(crate) const MAX_READY: usize = 256;

/// Bytes of the body of a hello; servers of ours send a word.
pub(crate) const HELLO_BODY: usize = 1 << 10;

/// Idle connections that a thread keeps to one server.
pub(crate) const MAX_IDLE: usize = 512;

/// How often idle connections to servers are looked through.
pub(crate) const SWEEP: Duration = Duration::from_secs(1);

/// Answers such as 103 that may come before the final one.
pub(crate) const MAX_INTERIM: usize = 8;

/// From this size on, in bytes, a body is sent from where it was read and not copied behind the
/// head first.
pub(crate) const COPIED: usize = 8 << 10;

/// From this size on, in bytes, the rest of a body on plain connections is moved by the kernel.
pub(crate) const SPLICED: u64 = 32 << 10;

/// How much a pipe holds, in bytes. A slow client keeps one full, so it is not as large as it
/// may be.
pub(crate) const PIPE_SIZE: usize = 256 << 10;

/// Pipes that a thread has at a time; bodies beyond them are copied.
pub(crate) const MAX_PIPES: usize = 256;

/// Pipes that it keeps for later.
pub(crate) const SPARE_PIPES: usize = 16;

/// How much of a file is read at once, in bytes.
pub(crate) const FILE_STEP: u64 = 64 << 10;

/// When a client may come back after a 503, in seconds: as soon as a server that has just failed
/// is tried again.
pub(crate) const RETRY_AFTER: &str = "1";

/// How long a server is left alone after its first failure.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// One in so many recent requests may be sent a second time,
pub(crate) const BUDGET_SHARE: u64 = 5;

/// but so many always may.
pub(crate) const BUDGET_FLOOR: u64 = 3;

/// How long a request is recent, in seconds.
pub(crate) const BUDGET_SECONDS: usize = 10;

/// How much of a request's body is held for a second try, in bytes.
pub(crate) const HELD: usize = 64 << 10;

const _: () = assert!(COPIED < buffer::SIZE, "what is copied behind a head fits one write");
const _: () = assert!(FIRST_PAUSE.as_secs() == 1, "RETRY_AFTER says the same");
const _: () = assert!(LINGER_SILENCE.as_nanos() < LINGER_TIME.as_nanos());
const _: () = assert!(SPARE_PIPES <= MAX_PIPES);
