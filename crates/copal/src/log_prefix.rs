//! Puts the name of its server before every line of a server's output.

/// The longest line that is held back until its end comes, in bytes.
const MAX_LINE: usize = 64 << 10;

/// Colours that can be told apart on dark and light terminals, as SGR parameters.
const COLOURS: [&str; 6] = ["36", "33", "32", "35", "34", "31"];

/// Puts the name of its server before every line of one stream of output.
#[derive(Debug)]
pub struct LogPrefix {
    prefix: Vec<u8>,
    line: Vec<u8>,
}

impl LogPrefix {
    /// For the server `name`, padded to `width` characters; `colour` is the server's position
    /// in the list of servers, or `None` when the output is not a terminal.
    #[must_use]
    pub fn new(name: &str, width: usize, colour: Option<usize>) -> Self {
        let code = colour.and_then(|position| COLOURS.get(position % COLOURS.len()));
        let prefix = match code {
            Some(code) => format!("\x1b[{code}m{name:width$} |\x1b[0m "),
            None => format!("{name:width$} | "),
        };
        Self { prefix: prefix.into_bytes(), line: Vec::new() }
    }

    /// The lines that `output` completes, each with its prefix and a line end. A line that is
    /// too long to wait for is cut.
    #[must_use]
    pub fn feed(&mut self, output: &[u8]) -> Vec<u8> {
        let mut lines = Vec::new();
        for piece in output.split_inclusive(|&byte| byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(end) => {
                    self.line.extend_from_slice(end);
                    self.write_line(&mut lines);
                }
                None => self.line.extend_from_slice(piece),
            }
            if self.line.len() >= MAX_LINE {
                self.write_line(&mut lines);
            }
        }
        lines
    }

    /// What stands after the last line end, as a line of its own; nothing when nothing does.
    #[must_use]
    pub fn end(&mut self) -> Vec<u8> {
        let mut lines = Vec::new();
        if !self.line.is_empty() {
            self.write_line(&mut lines);
        }
        lines
    }

    fn write_line(&mut self, lines: &mut Vec<u8>) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        lines.extend_from_slice(&self.prefix);
        lines.extend_from_slice(line);
        lines.push(b'\n');
        self.line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_from_pieces() {
        let mut prefix = LogPrefix::new("web-a", 7, None);
        #[rustfmt::skip]
        let table: [(&str, &str); 6] = [
            // arrives          is written
            ("one\ntwo\n",      "web-a   | one\nweb-a   | two\n"),
            ("thr",             ""),
            ("ee\r\nfo",        "web-a   | three\n"),
            ("",                ""),
            ("ur\n\n",          "web-a   | four\nweb-a   | \n"),
            ("rest",            ""),
        ];
        for (arrives, written) in table {
            assert_eq!(prefix.feed(arrives.as_bytes()), written.as_bytes(), "{arrives:?}");
        }
        assert_eq!(prefix.end(), b"web-a   | rest\n");
        assert_eq!(prefix.end(), b"");
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let mut prefix = LogPrefix::new("a", 1, None);
        let long = vec![b'x'; MAX_LINE];
        let lines = prefix.feed(&long);
        assert_eq!(lines.len(), "a | ".len() + MAX_LINE + 1);
        assert_eq!(prefix.end(), b"");
    }

    #[test]
    fn colours_repeat_after_the_last_one() {
        let line = |colour| LogPrefix::new("a", 1, Some(colour)).feed(b"x\n");
        assert_eq!(line(0), b"\x1b[36ma |\x1b[0m x\n");
        assert_eq!(line(0), line(COLOURS.len()));
        assert_ne!(line(0), line(1));
    }
}
