//! The law that the files of a crate do not import each other in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::finding::{Finding, Law};

/// Who imports whom, with the line of the first such import.
pub type Imports<'f> = BTreeMap<&'f str, BTreeMap<&'f str, usize>>;

/// The shortest circle through each file that no circle before it has shown.
#[must_use]
pub fn check(imports: &Imports<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut reported = BTreeSet::new();
    for start in imports.keys() {
        if reported.contains(start) {
            continue;
        }
        if let Some(circle) = shortest_circle(start, imports) {
            let line = imports.get(start).and_then(|to| to.get(circle.get(1)?)).copied();
            let what = circle.join(" -> ");
            findings.push(Finding::at(Law::ImportCycle, start, line.unwrap_or(0), what));
            reported.extend(circle);
        }
    }
    findings
}

/// The shortest way from `start` back to itself, both ends included.
fn shortest_circle<'f>(start: &'f str, imports: &Imports<'f>) -> Option<Vec<&'f str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for target in imports.get(file).into_iter().flat_map(BTreeMap::keys) {
            if *target == start {
                let mut circle = vec![start, file];
                while let Some(before) = circle.last().and_then(|last| came_from.get(last)) {
                    circle.push(before);
                }
                if file == start {
                    circle.pop();
                    circle.push(start);
                }
                circle.reverse();
                return Some(circle);
            }
            if !came_from.contains_key(target) {
                came_from.insert(target, file);
                queue.push_back(target);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut imports = Imports::new();
        for (from, to) in edges {
            imports.entry(from).or_default().insert(to, 1);
        }
        check(&imports).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn circles_are_found_once() {
        assert_eq!(graph(&[("a", "b"), ("b", "a")]), ["a -> b -> a"]);
        assert_eq!(graph(&[("a", "b"), ("b", "c"), ("c", "b")]), ["b -> c -> b"]);
        let knot = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e"), ("e", "d")];
        assert_eq!(graph(&knot), ["a -> b -> c -> a", "d -> e -> d"]);
    }

    #[test]
    fn a_file_that_two_others_import_is_no_circle() {
        let diamond = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")];
        assert_eq!(graph(&diamond), Vec::<String>::new());
    }
}
