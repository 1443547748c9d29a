//! The engine with its locks, connections and disk, without threads of its own.

pub(super) mod rig;

mod locks;
mod first_words;
mod disk;
mod bulk;
mod tables;
mod panics;
