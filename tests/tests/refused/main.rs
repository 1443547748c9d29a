//! What is malformed is refused, reaches no backend, and harms no later request.
//!
//! The rows have the numbers of the list of bad inputs that the product was designed against.
#![cfg(test)]

mod app_tier;
mod bodies;
mod connections;
mod heads;
mod responses;
mod row;
mod session_ids;
mod single;
mod targets;
mod verdict;
mod web_tier;

use row::Row;

/// All rows that are one packet and one answer, in the order of their numbers.
fn rows() -> Vec<Row> {
    let groups = [
        heads::hosts(),
        bodies::lengths(),
        bodies::codings(),
        bodies::bad_chunks(),
        bodies::good_chunks(),
        heads::field_lines(),
        heads::request_lines(),
        targets::paths(),
        targets::methods(),
        connections::around_the_head(),
        connections::limits(),
        connections::other_protocols(),
    ];
    groups.into_iter().flatten().collect()
}

/// Fails with all that went wrong, one line each.
fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
