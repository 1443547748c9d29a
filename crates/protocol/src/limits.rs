//! The limits of what servers send each other over a ring link.

/// Bytes of a frame about a session: more than all that a session may hold by default, with room
/// for what one of very many attributes needs beside its value.
pub const SESSION_FRAME: usize = 16 << 20;

/// Bytes of a ring hello.
pub const HELLO: usize = 64 << 10;

/// Bytes of a heartbeat, and of its answer.
pub const HEARTBEAT: usize = 4 << 10;

/// Bytes of the reason for which a link ends.
pub const REASON: usize = 4 << 10;

/// So many bytes are made room for at a time, however long a frame says that it is.
pub const RESERVE: usize = 64 << 10;

/// So many are made room for, however few are missing; and more room is made when there is less.
pub const LEAST_RESERVE: usize = 4 << 10;

/// Frames up to this length get memory of their own. A value of ten bytes that is kept for hours
/// would keep all that arrived together with it in memory otherwise.
pub const COPIED: usize = 64 << 10;

// What a length of four bytes says, with the byte of the channel.
const _: () = assert!(SESSION_FRAME < u32::MAX as usize);
const _: () = assert!(HELLO <= SESSION_FRAME && HEARTBEAT <= SESSION_FRAME);
// Memory that is doubled stays below twice what has arrived and one reserve.
const _: () = assert!(2 * LEAST_RESERVE <= RESERVE);
const _: () = assert!(REASON <= SESSION_FRAME);
