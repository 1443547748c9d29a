//! Which configuration file a command reads.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The environment variable that names the file.
pub const VARIABLE: &str = "COPAL_CONFIG";

/// Where it is looked for in the working folder, and then on the whole host.
pub const PLACES: [&str; 2] = ["copal.toml", "/etc/copal/copal.toml"];

/// The file that the command line names, else the one that the environment names, else the first
/// that exists of `copal.toml` here and `/etc/copal/copal.toml`.
///
/// `variable` is the value of [`VARIABLE`]; `exists` tells whether there is a file. When there is
/// none at all, the answer is `copal.toml` here: the error then names what is missing.
#[must_use]
pub fn choose(
    named: Option<PathBuf>,
    variable: Option<OsString>,
    exists: impl Fn(&Path) -> bool,
) -> PathBuf {
    let from_variable = || variable.filter(|name| !name.is_empty()).map(PathBuf::from);
    let places = || PLACES.iter().map(PathBuf::from).find(|path| exists(path));
    named.or_else(from_variable).or_else(places).unwrap_or_else(|| PathBuf::from(PLACES[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_one_is_chosen() {
        for (named, variable, existing, expected) in [
            (Some("a.toml"), Some("b.toml"), &["copal.toml"][..], "a.toml"),
            (None, Some("b.toml"), &["copal.toml"], "b.toml"),
            (None, Some(""), &["copal.toml"], "copal.toml"),
            (None, None, &["copal.toml", "/etc/copal/copal.toml"], "copal.toml"),
            (None, None, &["/etc/copal/copal.toml"], "/etc/copal/copal.toml"),
            (None, None, &[], "copal.toml"),
        ] {
            let chosen = choose(named.map(PathBuf::from), variable.map(OsString::from), |path| {
                existing.iter().any(|there| path == Path::new(there))
            });
            assert_eq!(chosen, Path::new(expected), "{named:?} {variable:?} {existing:?}");
        }
    }
}
