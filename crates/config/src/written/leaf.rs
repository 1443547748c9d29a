//! The value of a key, or why there is none; it never fails.

use crate::place::Place;

/// The value of a key, or why there is none.
#[derive(Debug, Clone, Default)]
pub(crate) enum Leaf<T> {
    /// The key is not written.
    #[default]
    Absent,
    /// The key is written and its value is wrong, which has been reported.
    Broken(Place),
    /// The value and its place.
    Given(T, Place),
}

impl<T> Leaf<T> {
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The value, when there is a good one.
    pub(crate) fn given(&self) -> Option<&T> {
        match self {
            Self::Given(value, _) => Some(value),
            Self::Absent | Self::Broken(_) => None,
        }
    }

    /// Where the value stands, good or not.
    pub(crate) fn place(&self) -> Option<Place> {
        match self {
            Self::Given(_, place) | Self::Broken(place) => Some(*place),
            Self::Absent => None,
        }
    }

    /// Makes something else of a good value; `None` is a broken one, already reported.
    pub(crate) fn and_then<U>(self, change: impl FnOnce(T, Place) -> Option<U>) -> Leaf<U> {
        match self {
            Self::Absent => Leaf::Absent,
            Self::Broken(place) => Leaf::Broken(place),
            Self::Given(value, place) => match change(value, place) {
                Some(changed) => Leaf::Given(changed, place),
                None => Leaf::Broken(place),
            },
        }
    }
}

impl<T: Clone> Leaf<T> {
    /// The value, or what holds when there is none.
    pub(crate) fn or(&self, default: T) -> T {
        self.given().cloned().unwrap_or(default)
    }

    /// This leaf when its key is written, else `base`: how a default is inherited.
    pub(crate) fn over(&self, base: &Self) -> Self {
        if self.is_absent() { base.clone() } else { self.clone() }
    }
}
