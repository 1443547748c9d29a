//! Faults that are planted on purpose, to see whether the simulator finds them.
//!
//! They are there only when the crate is built with `--cfg planted`, as `scripts/simulate --planted` does.
//! Else `has` is `false`, and nothing of this is left in a program.

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plant {
    /// An acting owner answers without a lease.
    SpeaksWithoutLease,
    /// A change counts before the backup has it.
    AcknowledgesEarly,
    /// A new epoch has the counter of the one before.
    EqualEpochs,
    /// A server takes over without waiting for answers.
    AsksNobody,
    /// Whoever the id names first takes its session back by itself.
    TakesBack,
    /// An ended session is forgotten before everybody knows.
    ForgetsEarly,
    /// A holder drops its copy when it is idle.
    HolderExpires,
    /// "There may be such a session" becomes "there is none".
    UnknownIsGone,
    /// A server that was started again counts as what it was.
    ForgetsIncarnations,
    /// A repeated operation is carried out again.
    RepeatsOperations,
    /// A step that does not follow is said to be held.
    LosesSteps,
    /// What the acting owner has never seen is overwritten.
    OverwritesLines,
    /// A line that lives wins over one that has ended.
    LifeWins,
    /// Whoever reads sees what is not acknowledged yet.
    ShowsPending,
    /// A session that is read only ends as if it were not used.
    ReadsDoNotCount,
    /// A copy that is there too much is dropped while it still counts.
    DropsWhatCounts,
    /// A server that stood still takes the others for silent.
    JudgesAfterPause,
    /// Whoever is refused twice loses its copy.
    LosesCopy,
    /// What a holder has that the acting owner has not is not taken in.
    IgnoresLines,
    /// Nobody looks after copies whose acting owner is gone.
    NobodyCares,
    /// Whether a session is used is told by the wall clock.
    TimesByWallClock,
    /// What was asked about a session that there is not is kept.
    KeepsSeats,
    /// Of an id whose servers have left nobody else is asked.
    BelievesFew,
    /// A session whose making was refused is kept.
    KeepsRefused,
}

impl Plant {
    /// All of them.
    pub const ALL: [Self; 24] = [
        Self::SpeaksWithoutLease,
        Self::AcknowledgesEarly,
        Self::EqualEpochs,
        Self::AsksNobody,
        Self::TakesBack,
        Self::ForgetsEarly,
        Self::HolderExpires,
        Self::UnknownIsGone,
        Self::ForgetsIncarnations,
        Self::RepeatsOperations,
        Self::LosesSteps,
        Self::OverwritesLines,
        Self::LifeWins,
        Self::ShowsPending,
        Self::ReadsDoNotCount,
        Self::DropsWhatCounts,
        Self::JudgesAfterPause,
        Self::LosesCopy,
        Self::IgnoresLines,
        Self::NobodyCares,
        Self::TimesByWallClock,
        Self::KeepsSeats,
        Self::BelievesFew,
        Self::KeepsRefused,
    ];
}

#[cfg(planted)]
std::thread_local! {
    static PLANTED: std::cell::Cell<Option<Plant>> = const { std::cell::Cell::new(None) };
}

/// From now on this thread has a fault, or none.
#[cfg(planted)]
pub fn plant(plant: Option<Plant>) {
    PLANTED.set(plant);
}

/// Whether this thread has this fault.
#[cfg(planted)]
pub(crate) fn has(plant: Plant) -> bool {
    PLANTED.get() == Some(plant)
}

/// Whether there is this fault: never.
#[cfg(not(planted))]
#[must_use]
pub(crate) const fn has(_plant: Plant) -> bool {
    false
}
