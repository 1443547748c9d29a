//! What the codec refuses, what it accepts, and whether others read that in the same way.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking and shows what it saw"
)]

mod reading;
mod ours;
mod rows;
mod grammar;
mod rules;
mod arrival;
mod chunks;
mod hyper_oracle;
mod httparse_oracle;
mod python_oracle;
mod excused;
mod differential;
