//! The time of day, as one process sees it.

use std::path::PathBuf;

use crate::skip::skipped;

/// What a process finds in its environment, so that for it the time of day is another one: a number of
/// seconds later, or earlier with a minus. The clocks that nobody sets stay as they are. `None`, and a
/// line that says so, where libfaketime is not there.
///
/// # Panics
/// When it is not there, and no test may be left out.
#[must_use]
pub fn off_by(seconds: &str) -> Option<Vec<(String, String)>> {
    let Some(library) = library() else {
        skipped("libfaketime (the package faketime)");
        return None;
    };
    let offset = if seconds.starts_with('-') { seconds.to_owned() } else { format!("+{seconds}") };
    let variables = [
        ("LD_PRELOAD", library.to_string_lossy().into_owned()),
        ("FAKETIME", offset),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    Some(variables.map(|(name, value)| (name.to_owned(), value)).into())
}

/// Below the folder of the machine's kind, which has another name on each.
fn library() -> Option<PathBuf> {
    let kinds = std::fs::read_dir("/usr/lib").ok()?;
    let libraries =
        kinds.filter_map(|kind| Some(kind.ok()?.path().join("faketime/libfaketimeMT.so.1")));
    libraries.into_iter().find(|library| library.is_file())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn seconds(environment: Vec<(String, String)>) -> i64 {
        let output = Command::new("date").arg("+%s").envs(environment).output().expect("date");
        String::from_utf8_lossy(&output.stdout).trim().parse().expect("seconds")
    }

    #[test]
    fn a_program_sees_another_time_of_day() {
        let Some(later) = off_by("3600") else { return };
        let now = seconds(Vec::new());
        assert!((3600..3700).contains(&(seconds(later) - now)));
        let earlier = off_by("-3600").expect("the library");
        assert!((3500..=3600).contains(&(now - seconds(earlier))));
    }
}
