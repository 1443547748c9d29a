//! Why a configuration cannot be used, in one line.

use std::path::Path;

use copal_config::failure::Failure as NoConfiguration;
use copal_config::finding::Severity;

use crate::printable::first_line;

/// Why the file at `path` cannot be used, in one line: the first of its errors.
#[must_use]
pub fn in_one_line(path: &Path, failure: &NoConfiguration) -> String {
    let NoConfiguration::Broken(report) = failure else {
        return first_line(&failure.to_string());
    };
    let errors = || report.findings().iter().filter(|one| one.severity == Severity::Error);
    let Some(first) = errors().next() else {
        return format!("{} is not usable", path.display());
    };
    let line = report.position(first.place).line;
    let others = match errors().count() {
        0 | 1 => String::new(),
        count => format!(" (the first of {count} errors)"),
    };
    format!("{}:{line}: {}{others}", path.display(), first_line(&first.message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use copal_config::reader;

    #[test]
    fn the_first_error_stands_for_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.toml");
        let name = path.display();
        let reason = || in_one_line(&path, &reader::read(&path).unwrap_err());
        assert!(reason().starts_with("cannot read the configuration file "), "{}", reason());
        let cluster = "[[cluster.web-tier.server]]\nid = \"a\"\nhttp = [{ port = 1 }]\n";
        std::fs::write(&path, format!("\n\nworkers = \"x\"\nrun-dir = 1\n{cluster}")).unwrap();
        let said = reason();
        assert!(said.starts_with(&format!("{name}:3: ")), "{said}");
        assert!(said.contains(" errors)") && !said.contains('\n'), "{said}");
        std::fs::write(&path, "[cluster\n").unwrap();
        assert!(reason().starts_with(&format!("{name}:1: ")), "{}", reason());
    }
}
