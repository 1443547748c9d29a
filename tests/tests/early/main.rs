//! What comes too early, too late or not at all: uploads, answers and connections that do not end
//! when their other half does.
#![cfg(test)]

mod broken_answer;
mod early_answer;
mod file_request;
mod interim;
mod last_connections;
mod leftover;
mod out_of_files;
mod slow_upload;
mod start;
mod two_failures;
