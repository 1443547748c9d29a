//! Every bound of what servers may send to this command.

use std::time::Duration;

/// How long a connect to a server may take.
pub const CONNECT_TIME: Duration = Duration::from_secs(3);

/// How long a whole answer may take that the server has at hand.
pub const ANSWER_TIME: Duration = Duration::from_secs(3);

/// How long a server may take to read its configuration again: names in it are looked up.
pub const RELOAD_TIME: Duration = Duration::from_secs(15);

/// Bytes of the head of an answer.
pub const ANSWER_HEAD: usize = 64 << 10;

/// Bytes of the body of an answer.
pub const ANSWER_BODY: usize = 16 << 20;

/// Bytes of a file that cannot be used in which `run-dir` is looked for.
pub const UNUSABLE_FILE: usize = 1 << 20;

/// From one look of `copal status --watch` to the next.
pub const WATCH_PERIOD: Duration = Duration::from_secs(1);

/// Bytes that are read at once.
pub const READ: usize = 64 << 10;
