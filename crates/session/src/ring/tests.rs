//! The engine with its locks, connections and disk, without threads of its own.

mod rig;

mod locks;
