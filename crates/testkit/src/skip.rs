//! Tests that cannot run on every machine.

/// Set where no test may be left out, as on the build machine.
const NO_SKIPS: &str = "COPAL_NO_SKIPS";

/// Says that a test is left out, and what it needs: `CAP_NET_ADMIN`, for one.
///
/// # Panics
/// When `COPAL_NO_SKIPS` is set.
pub fn skipped(needs: &str) {
    assert!(
        std::env::var_os(NO_SKIPS).is_none(),
        "{NO_SKIPS} is set, and this test cannot run: it needs {needs}"
    );
    eprintln!("skipped, needs {needs}");
}
