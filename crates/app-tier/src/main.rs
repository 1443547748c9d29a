//! The process of one app-tier server with the built-in applications.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Sessions are many small pieces of memory, made by one thread and dropped by another: see
/// docs/performance.md. An application that is a program of its own chooses for itself.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    copal_app_tier::command::run_with(|server| server)
}
