//! Where the programs of the two tiers are.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use copal_config::cluster::Tier;

/// The name of the program that runs the servers of a tier.
#[must_use]
pub const fn name(tier: Tier) -> &'static str {
    match tier {
        Tier::Web => "web-tier",
        Tier::App => "app-tier",
    }
}

/// The program `name` in the folder `beside` (where `copal` itself is), else in one of the
/// folders of `path` (the variable `PATH`).
#[must_use]
pub fn find(
    name: &str,
    beside: Option<&Path>,
    path: Option<&OsStr>,
    is_program: impl Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let in_path = path.into_iter().flat_map(std::env::split_paths);
    beside
        .map(Path::to_owned)
        .into_iter()
        .chain(in_path)
        // An empty entry of PATH would mean the working folder, which nobody asked for.
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_copal_comes_before_path() {
        #[rustfmt::skip]
        let table: [(&[&str], Option<&str>); 4] = [
            // programs that exist                            found
            (&["/here/web-tier", "/usr/bin/web-tier"],        Some("/here/web-tier")),
            (&["/opt/bin/web-tier", "/usr/bin/web-tier"],     Some("/usr/bin/web-tier")),
            (&["/opt/bin/web-tier", "web-tier"],              Some("/opt/bin/web-tier")),
            (&["web-tier", "/usr/bin/app-tier"],              None),
        ];
        for (programs, found) in table {
            let exists = |path: &Path| programs.iter().any(|program| Path::new(program) == path);
            let path = Some(OsStr::new("/usr/bin::/opt/bin"));
            let is = find(name(Tier::Web), Some(Path::new("/here")), path, exists);
            assert_eq!(is.as_deref(), found.map(Path::new), "{programs:?}");
        }
    }
}
