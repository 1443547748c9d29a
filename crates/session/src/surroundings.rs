//! What sessions need from outside: the time and random bytes.

use std::fmt;
use std::time::Duration;

/// The operating system's random source did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandom;

type Now = Box<dyn Fn() -> Duration + Send + Sync>;
type Random = Box<dyn Fn(&mut [u8]) -> Result<(), NoRandom> + Send + Sync>;

/// Where the time and random bytes come from; handed in, so that tests decide both.
pub struct Surroundings {
    now: Now,
    random: Random,
}

impl Surroundings {
    /// `now` is the time since some fixed moment and never goes back; `random` fills a slice from
    /// the operating system's secure source. Both are called from any thread.
    pub fn new(
        now: impl Fn() -> Duration + Send + Sync + 'static,
        random: impl Fn(&mut [u8]) -> Result<(), NoRandom> + Send + Sync + 'static,
    ) -> Self {
        Self { now: Box::new(now), random: Box::new(random) }
    }

    /// The time since that moment.
    pub(crate) fn now(&self) -> Duration {
        (self.now)()
    }

    /// So many random bytes.
    pub(crate) fn random<const COUNT: usize>(&self) -> Result<[u8; COUNT], NoRandom> {
        let mut bytes = [0; COUNT];
        (self.random)(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Surroundings(..)")
    }
}
