//! How many files the system lets this process open, and what that allows.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open anyway: listeners, logs, runtimes, folders.
const OTHERS: u64 = 128;

/// A client connection and the connection to the server that answers it.
const PER_CONNECTION: u64 = 2;

/// Raises the process's limit as far as it may, and returns how many client connections it allows
/// of the `wanted` ones. Says so in the log.
#[must_use]
pub fn raise(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(error) => {
            tracing::warn!(%error, "the open-file limit could not be raised");
            limit.current
        }
    };
    let allowed = allowed(wanted, files);
    if allowed < wanted {
        tracing::warn!(
            files,
            max_connections = wanted,
            allowed,
            "the open-file limit allows fewer connections than max-connections: raise it \
             (ulimit -n, LimitNOFILE=)"
        );
    } else {
        tracing::info!(files, max_connections = wanted, "the open-file limit suffices");
    }
    allowed
}

/// How many of the `wanted` connections fit into `files`; `None` is without limit.
fn allowed(wanted: usize, files: Option<u64>) -> usize {
    let Some(files) = files else { return wanted };
    let room = files.saturating_sub(OTHERS) / PER_CONNECTION;
    wanted.min(usize::try_from(room).unwrap_or(usize::MAX)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(allowed(wanted, files), expected, "{wanted} {files:?}");
        }
    }
}
