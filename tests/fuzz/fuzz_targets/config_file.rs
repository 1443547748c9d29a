//! Any text as a configuration file: it is read or refused, and the report can be printed.

#![no_main]

use std::path::Path;

use copal_config::environment::Environment;
use copal_config::reader::read_text;
use copal_config::summary::Summary;

/// A world with one variable and one file, so that secrets are found and missed.
struct World;

impl Environment for World {
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        (name == "A").then(|| b"0123456789abcdef".to_vec())
    }

    fn file(&self, path: &Path, most: usize) -> std::io::Result<Vec<u8>> {
        if path.ends_with("a") {
            Ok(vec![b'x'; 32.min(most)])
        } else {
            Err(std::io::ErrorKind::NotFound.into())
        }
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let report = match read_text("cluster.toml", Path::new("/"), text, &World) {
        Ok(checked) => {
            let _ = Summary(&checked.config).to_string();
            assert!(!checked.config.clusters.is_empty(), "a file without clusters");
            checked.warnings
        }
        Err(report) => report,
    };
    for finding in report.findings() {
        assert!(finding.place.start <= finding.place.end && finding.place.end <= text.len());
    }
    let _ = format!("{report}{report:#}");
});
