//! The lines of a text, so that an offset becomes a line and a column.

use std::ops::Range;

/// Where a person finds a byte of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

/// Where each line of a text starts.
#[derive(Debug, Clone)]
pub(crate) struct Lines {
    starts: Vec<usize>,
    length: usize,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let after_each = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts = std::iter::once(0).chain(after_each.map(|(at, _)| at + 1)).collect();
        Self { starts, length: text.len() }
    }

    /// The line, from 1, in which the byte at `offset` stands.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).max(1)
    }

    /// The bytes of a line, its line feed left out; empty for a line that is not there.
    pub(crate) fn range(&self, line: usize) -> Range<usize> {
        let Some(start) = line.checked_sub(1).and_then(|at| self.starts.get(at)) else {
            return self.length..self.length;
        };
        let end = self.starts.get(line).map_or(self.length, |next| next.saturating_sub(1));
        *start..end
    }

    /// Line and column of the byte at `offset`.
    pub(crate) fn position(&self, text: &str, offset: usize) -> Position {
        let line = self.line(offset);
        let before = text.get(self.range(line).start..offset).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_at_line_feeds() {
        let text = "a\näb\n\nc";
        let lines = Lines::of(text);
        // offset, line, column
        for (offset, line, column) in
            [(0, 1, 1), (1, 1, 2), (2, 2, 1), (4, 2, 2), (5, 2, 3), (6, 3, 1), (7, 4, 1), (8, 4, 2)]
        {
            assert_eq!(lines.position(text, offset), Position { line, column }, "{offset}");
        }
        assert_eq!(lines.range(2), 2..5);
        assert_eq!(lines.range(4), 7..8);
        assert_eq!(lines.range(9), 8..8);
        assert_eq!(lines.range(0), 8..8);
        assert_eq!(Lines::of("").position("", 0), Position { line: 1, column: 1 });
    }
}
