//! The states of a server, in one word each.

/// What a server does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It takes every request.
    Ready,
    /// It came back a moment ago and gets a growing share of the new sessions.
    Warming,
    /// It takes only requests of sessions that are bound to it.
    Drain,
    /// Requests of bound sessions go to their backup too.
    Evict,
    /// It has started and does not have its sessions yet.
    Joining,
    /// It is stopping.
    Leaving,
    /// It cannot be reached, or does not answer as it should.
    Down,
    /// An operator has taken it out of service.
    Maintenance,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Ready,
        Self::Warming,
        Self::Drain,
        Self::Evict,
        Self::Joining,
        Self::Leaving,
        Self::Down,
        Self::Maintenance,
    ];

    /// The state as one word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Warming => "warming",
            Self::Drain => "drain",
            Self::Evict => "evict",
            Self::Joining => "joining",
            Self::Leaving => "leaving",
            Self::Down => "down",
            Self::Maintenance => "maintenance",
        }
    }

    /// The state that this word names, case ignored.
    #[must_use]
    pub fn parse(word: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|state| word.eq_ignore_ascii_case(state.as_str().as_bytes()))
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What an operator may want of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    /// Back to normal.
    Enable,
    /// New sessions go elsewhere.
    Drain,
    /// Bound sessions move to their backup too.
    Evict,
    /// Out of service.
    Maintenance,
}

impl Wish {
    /// Every wish.
    pub const ALL: [Self; 4] = [Self::Enable, Self::Drain, Self::Evict, Self::Maintenance];

    /// The wish as one word, which is also the command.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Drain => "drain",
            Self::Evict => "evict",
            Self::Maintenance => "maintenance",
        }
    }

    /// The wish that this word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.as_str() == word)
    }

    /// The state of a server that nothing else is the matter with.
    #[must_use]
    pub const fn state(self) -> State {
        match self {
            Self::Enable => State::Ready,
            Self::Drain => State::Drain,
            Self::Evict => State::Evict,
            Self::Maintenance => State::Maintenance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str().as_bytes()), Some(state));
            assert_eq!(serde_json::to_string(&state).unwrap(), format!("\"{state}\""));
        }
        for wish in Wish::ALL {
            assert_eq!(Wish::parse(wish.as_str()), Some(wish));
        }
        assert_eq!(State::parse(b"DRAIN"), Some(State::Drain));
        assert_eq!(State::parse(b"drained"), None);
        assert_eq!(Wish::parse("Drain"), None);
    }
}
