//! A table in columns, drawn as text.

/// What a cell says at a glance; a colour on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// All is well.
    Good,
    /// Something is on its way, or was wished so.
    Odd,
    /// Something is wrong.
    Bad,
    /// What stands over a column.
    Heading,
}

impl Tone {
    /// As SGR parameters.
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Good => Some("32"),
            Self::Odd => Some("33"),
            Self::Bad => Some("31"),
            Self::Heading => Some("2"),
        }
    }
}

/// Where the text of a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// One line of a table.
#[derive(Debug, Clone)]
enum Row {
    Cells(Vec<(String, Tone)>),
    /// A name, and a sentence instead of the other cells.
    Remark(String, String),
}

/// A table in columns.
#[derive(Debug, Clone)]
pub struct Table {
    columns: &'static [(&'static str, Side)],
    rows: Vec<Row>,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub const fn new(columns: &'static [(&'static str, Side)]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row, a cell per column.
    pub fn row(&mut self, cells: Vec<(String, Tone)>) {
        self.rows.push(Row::Cells(cells));
    }

    /// Adds a row with a sentence after its first cell, about something that is wrong.
    pub fn remark(&mut self, first: String, sentence: String) {
        self.rows.push(Row::Remark(first, sentence));
    }

    /// The lines of the table, each two spaces in.
    #[must_use]
    pub fn draw(&self, has_colours: bool) -> String {
        let widths = self.widths();
        let heading = |(name, _): &(&str, Side)| ((*name).to_owned(), Tone::Heading);
        let headings: Vec<_> = self.columns.iter().map(heading).collect();
        let mut text = self.line(&headings, &widths, has_colours);
        for row in &self.rows {
            match row {
                Row::Cells(cells) => text.push_str(&self.line(cells, &widths, has_colours)),
                Row::Remark(first, sentence) => {
                    let width = widths.first().copied().unwrap_or_default();
                    let sentence = painted(sentence, Tone::Bad, has_colours);
                    text.push_str(&format!("  {first:width$}  {sentence}\n"));
                }
            }
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let column = |(position, (name, _)): (usize, &(&str, Side))| {
            let lengths = self.rows.iter().filter_map(|row| match row {
                Row::Cells(cells) => cells.get(position).map(|(text, _)| text.chars().count()),
                Row::Remark(first, _) if position == 0 => Some(first.chars().count()),
                Row::Remark(..) => None,
            });
            lengths.max().unwrap_or_default().max(name.chars().count())
        };
        self.columns.iter().enumerate().map(column).collect()
    }

    fn line(&self, cells: &[(String, Tone)], widths: &[usize], has_colours: bool) -> String {
        let mut line = String::new();
        let mut due = 0;
        for (((text, tone), (_, side)), width) in cells.iter().zip(self.columns).zip(widths) {
            let room = width.saturating_sub(text.chars().count());
            let (before, after) = match side {
                Side::Left => (0, room),
                Side::Right => (room, 0),
            };
            // Spaces at the end of a line are never written.
            line.push_str(&" ".repeat(due + 2 + before));
            line.push_str(&painted(text, *tone, has_colours));
            due = after;
        }
        line.push('\n');
        line
    }
}

fn painted(text: &str, tone: Tone, has_colours: bool) -> String {
    match tone.code().filter(|_| has_colours) {
        Some(code) => format!("\x1b[{code}m{text}\x1b[0m"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table =
            Table::new(&[("name", Side::Left), ("n", Side::Right), ("why", Side::Left)]);
        let plain = |text: &str| (text.to_owned(), Tone::Plain);
        table.row(vec![plain("a"), plain("12345"), ("down".to_owned(), Tone::Bad)]);
        table.row(vec![plain("longer"), plain("1"), plain("")]);
        table.remark("b".to_owned(), "not running".to_owned());
        table
    }

    #[test]
    fn words_stand_left_and_numbers_right() {
        let expected = [
            "  name        n  why",
            "  a       12345  down",
            "  longer      1  ",
            "  b       not running",
        ];
        assert_eq!(table().draw(false).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn colours_do_not_move_anything() {
        let drawn = table().draw(true);
        assert!(drawn.contains("  \x1b[31mdown\x1b[0m\n"), "{drawn:?}");
        let mut plain = drawn;
        for code in ["2", "31", "0"] {
            plain = plain.replace(&format!("\x1b[{code}m"), "");
        }
        assert_eq!(plain, table().draw(false));
    }
}
