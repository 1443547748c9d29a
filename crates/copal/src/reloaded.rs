//! What a server says after it has read its configuration again.

use crate::printable::printable;

/// What a server says after it has read its configuration again.
#[derive(Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub struct Reloaded {
    /// What changed, a line each; empty when the file says what it said before.
    #[serde(default)]
    pub changed: Vec<String>,
    /// What changed in the file and counts only after a restart, a line each.
    #[serde(default)]
    pub needs_restart: Vec<String>,
}

impl Reloaded {
    /// The same in words, for the server `id`.
    #[must_use]
    pub fn in_words(&self, id: &str) -> String {
        let word = if self.changed.is_empty() { "unchanged" } else { "reloaded" };
        let mut text = format!("{id}: {word}\n");
        for line in &self.changed {
            text.push_str(&format!("  {}\n", printable(line)));
        }
        for line in &self.needs_restart {
            text.push_str(&format!("  needs a restart: {}\n", printable(line)));
        }
        if self.web_servers_are_ahead() {
            text.push_str(&format!(
                "  restart {id} now: web servers that have read the file go by it already\n"
            ));
        }
        text
    }

    /// Whether something waits for a restart of an app server that web servers take at once: where
    /// it is, and by what its sessions are known.
    fn web_servers_are_ahead(&self) -> bool {
        const AHEAD: [&str; 4] = [
            "cluster port ",
            "`session-cookie` ",
            "`ssl-session-cookie` ",
            "`session-url-prefix` ",
        ];
        self.needs_restart.iter().any(|line| AHEAD.iter().any(|what| line.starts_with(what)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_words() {
        #[rustfmt::skip]
        let table = [
            // answer                                                            words
            (r#"{"changed":[],"needs_restart":[]}"#,                             "a: unchanged\n"),
            (r#"{"changed":["weight of app-b: 50, was 100"]}"#,                  "a: reloaded\n  weight of app-b: 50, was 100\n"),
            (r#"{"changed":[],"needs_restart":["workers"]}"#,                    "a: unchanged\n  needs a restart: workers\n"),
            (r#"{"changed":[],"needs_restart":["`session-cookie` was A and is B"]}"#, "a: unchanged\n  needs a restart: `session-cookie` was A and is B\n  restart a now: web servers that have read the file go by it already\n"),
            (r#"{"changed":["x"],"needs_restart":["y"],"of_the_future":1}"#,     "a: reloaded\n  x\n  needs a restart: y\n"),
        ];
        for (answer, words) in table {
            let reloaded: Reloaded = serde_json::from_str(answer).unwrap();
            assert_eq!(reloaded.in_words("a"), words);
        }
    }
}
