//! A network that only those see who are put into it.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd};
use std::thread;

use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};

/// A network that only those see who are put into it. It has no name, so it is gone with the last
/// process in it, however this one ends.
#[derive(Debug)]
pub(crate) struct Namespace(File);

impl Namespace {
    /// One without anything in it but a loopback that is down.
    ///
    /// # Errors
    /// When this user may not make one.
    pub(crate) fn make() -> std::io::Result<Self> {
        thread::scope(|scope| scope.spawn(Self::make_here).join().expect("a thread"))
    }

    /// The thread that calls this never gets out again.
    fn make_here() -> std::io::Result<Self> {
        #[expect(
            deprecated,
            reason = "it is unsafe for what threads share; nobody shares a network"
        )]
        rustix::thread::unshare(UnshareFlags::NEWNET)?;
        File::open("/proc/thread-self/ns/net").map(Self)
    }

    /// Does something in it, with all threads and processes that are started by that.
    pub(crate) fn within<T: Send>(&self, what: impl FnOnce() -> T + Send) -> T {
        let there = || {
            let kind = Some(LinkNameSpaceType::Network);
            move_into_link_name_space(self.0.as_fd(), kind).expect("a network that is there");
            what()
        };
        thread::scope(|scope| {
            let done = scope.spawn(there).join();
            done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// What other programs call it.
    pub(crate) fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd())
    }
}
