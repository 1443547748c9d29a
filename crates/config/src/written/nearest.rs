//! What somebody meant who wrote a word that is not known.

/// The known word that is nearest to `word`, when it is near enough to be what was meant.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    // Nobody mistypes longer words than these, and the table below grows with the square.
    const LONGEST: usize = 64;
    let word: Vec<char> = word.chars().flat_map(char::to_lowercase).take(LONGEST + 1).collect();
    if word.len() > LONGEST {
        return None;
    }
    let far = (word.len() / 3).max(1);
    known
        .into_iter()
        .map(|other| (distance(&word, &other.chars().collect::<Vec<_>>()), other))
        .filter(|(distance, _)| *distance <= far)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

/// How many characters have to be added, dropped, replaced or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    // Three rows of the usual table: the row before the last one is for swaps.
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (row, x) in a.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, y) in b.iter().enumerate() {
            let cell =
                |cells: &[usize], at: usize| cells.get(at).copied().unwrap_or(usize::MAX - 1);
            let replaced = cell(&last, column) + usize::from(x != y);
            let added = cell(&current, column) + 1;
            let dropped = cell(&last, column + 1) + 1;
            let mut least = replaced.min(added).min(dropped);
            let previous =
                |text: &[char], at: usize| at.checked_sub(1).and_then(|i| text.get(i).copied());
            if previous(a, row) == Some(*y) && previous(b, column) == Some(*x) {
                least = least.min(cell(&before_last, column.saturating_sub(1)) + 1);
            }
            current.push(least);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("port", "port", 0),
            ("prot", "port", 1),
            ("prt", "port", 1),
            ("pport", "port", 1),
            ("pärt", "port", 1),
            ("kitten", "sitting", 3),
            ("ab", "ba", 1),
        ] {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(distance(&chars(a), &chars(b)), expected, "{a} {b}");
        }
    }

    #[test]
    fn only_what_is_near_is_meant() {
        let known = ["app-tier", "web-tier", "port"];
        for (word, expected) in [
            ("app-teir", Some("app-tier")),
            ("apptier", Some("app-tier")),
            ("app_tier", Some("app-tier")),
            ("APP-TIER", Some("app-tier")),
            ("web", None),
            ("zzzz", None),
            ("", None),
            ("por", Some("port")),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(nearest(&"a".repeat(100), known), None);
    }
}
