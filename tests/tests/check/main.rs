//! What the programs say about their command line and their file, and with which exit code.
#![cfg(test)]

mod command_line;
mod example_files;
mod mistakes;
mod ports;
mod said;
