//! The law that no file is longer than 400 lines.

use crate::finding::{Finding, Law};
use crate::source_file::SourceFile;

/// The most lines that a file may have, inline tests not counted.
pub const MOST: usize = 400;

/// One finding for each file that is too long.
pub fn check<'f>(files: impl IntoIterator<Item = &'f SourceFile>) -> Vec<Finding> {
    let long = files.into_iter().filter(|file| file.lines > MOST);
    long.map(|file| Finding::new(Law::FileLength, &file.path, format!("{} lines", file.lines)))
        .collect()
}

/// The middle of some numbers, 0 when there are none.
#[must_use]
pub fn median(mut numbers: Vec<usize>) -> usize {
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: usize, tests: usize) -> SourceFile {
        let text = format!(
            "{}#[cfg(test)]\nmod tests {{\n{}}}\n",
            "// a line\n".repeat(lines),
            "// a line\n".repeat(tests)
        );
        SourceFile::parse("crates/a/src/b.rs", &text).expect("a file")
    }

    #[test]
    fn only_more_than_the_most_is_too_long() {
        assert_eq!(check([&file(400, 500)]), []);
        let findings = check([&file(401, 0)]);
        assert_eq!(findings, [Finding::new(Law::FileLength, "crates/a/src/b.rs", "401 lines")]);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![9, 1, 5]), 5);
        assert_eq!(median(vec![]), 0);
    }
}
