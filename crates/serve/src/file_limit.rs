//! How many files the system lets this process open, and what that allows.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open anyway: listeners, logs, runtimes, folders.
const OTHERS: u64 = 128;

/// Raises the process's limit as far as it may, and returns how many client connections it allows
/// of the `wanted` ones, when four of them need `files_for_four`. Says so in the log.
#[must_use]
pub fn raise(wanted: usize, files_for_four: u64) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the open-file limit could not be raised");
            limit.current
        }
    };
    let connections = allowed(wanted, files, files_for_four);
    // A limit just below a round number is no trouble; half of what was asked for is.
    if connections < wanted / 2 {
        tracing::warn!(
            files,
            max_connections = wanted,
            connections,
            "the open-file limit allows fewer connections than max-connections: raise it \
             (ulimit -n, LimitNOFILE=)"
        );
    } else {
        tracing::info!(files, connections, "open-file limit");
    }
    connections
}

/// How many of the `wanted` connections fit into `files`; `None` is without limit.
fn allowed(wanted: usize, files: Option<u64>, files_for_four: u64) -> usize {
    let Some(files) = files else { return wanted };
    let room = files.saturating_sub(OTHERS).saturating_mul(4) / files_for_four.max(1);
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_client_needs_no_second_file() {
        assert_eq!(allowed(10_000, Some(20_000), 7), 10_000);
        assert_eq!(allowed(20_000, Some(20_000), 7), 11_355);
    }

    #[test]
    fn what_does_not_fit_is_not_promised() {
        for (wanted, files, expected) in [
            (10_000, None, 10_000),
            (10_000, Some(1_048_576), 10_000),
            (10_000, Some(20_128), 10_000),
            (10_000, Some(20_127), 9_999),
            (10_000, Some(1024), 448),
            (10_000, Some(10), 1),
        ] {
            assert_eq!(allowed(wanted, files, 8), expected, "{wanted} {files:?}");
        }
    }
}
