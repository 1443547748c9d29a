//! Where the reader puts what it finds while it reads on.

use std::cell::RefCell;

use crate::finding::Finding;
use crate::place::Place;
use crate::report::Report;

/// Where the reader puts what it finds while it reads on.
#[derive(Debug)]
pub(crate) struct Findings<'t> {
    /// The whole file.
    pub(crate) text: &'t str,
    list: RefCell<Vec<Finding>>,
    hidden: RefCell<Vec<Place>>,
}

impl<'t> Findings<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, list: RefCell::default(), hidden: RefCell::default() }
    }

    pub(crate) fn add(&self, finding: Finding) {
        self.list.borrow_mut().push(finding);
    }

    /// What stands at `place` is a secret and must not be shown.
    pub(crate) fn hide(&self, place: Place) {
        self.hidden.borrow_mut().push(place);
    }

    /// Leaves out every finding for which `keep` says so.
    pub(crate) fn retain(&self, keep: impl FnMut(&Finding) -> bool) {
        self.list.borrow_mut().retain(keep);
    }

    /// What was found in the file called `name`.
    pub(crate) fn into_report(self, name: &str) -> Report {
        let hidden = self.hidden.into_inner();
        Report::new(name, with_stars(self.text, &hidden), self.list.into_inner())
    }
}

/// The text, of the same length, with a star for every byte of the hidden places.
fn with_stars(text: &str, hidden: &[Place]) -> String {
    let mut shown = text.as_bytes().to_vec();
    for place in hidden {
        // A place that cuts a character in two is none of the file's.
        let inside = text.get(place.start..place.end).and(shown.get_mut(place.start..place.end));
        for byte in inside.into_iter().flatten().filter(|byte| **byte != b'\n') {
            *byte = b'*';
        }
    }
    String::from_utf8(shown).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_text_becomes_stars_and_nothing_moves() {
        let hidden = [Place { start: 4, end: 11 }];
        assert_eq!(with_stars("a = \"söß\"\nb", &hidden), "a = *******\nb");
        assert_eq!(with_stars("ab\ncd", &[Place { start: 1, end: 4 }]), "a*\n*d");
        assert_eq!(with_stars("ab", &[Place { start: 1, end: 9 }]), "ab");
    }
}
