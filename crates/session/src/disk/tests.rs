//! The disk copy as a whole, on the disk of this machine or on one that fails when it is told to.

pub(crate) mod sim;
mod rig;

mod reopening;
mod whose;
mod crashes;
mod damage;
mod full;
mod failing;
mod growth;
mod parallel;
mod many;
