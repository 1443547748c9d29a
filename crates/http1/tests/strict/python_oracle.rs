//! Readers written in Python or bound to it, each in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::reading::{Message, Reading, authority, split_target};

/// Set to pass the test without these readers.
const SKIP: &str = "COPAL_SKIP_ORACLES";

/// The Python in which the readers are installed; `None` when the user wants to do without.
pub(crate) fn python() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join("target/oracles/bin/python");
    if python.exists() {
        return Some(python);
    }
    if std::env::var_os(SKIP).is_some() {
        eprintln!("NOT COMPARED with h11 and llhttp, because {SKIP} is set");
        return None;
    }
    panic!("run scripts/oracles first, or set {SKIP}=1: no {}", python.display());
}

/// Reads every stream with the reader in this script.
pub(crate) fn read_all(python: &Path, script: &str, inputs: &[&[u8]]) -> Vec<Reading> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(script);
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let readings: Vec<Reading> = std::thread::scope(|scope| {
        scope.spawn(move || {
            for input in inputs {
                stdin.write_all(&u32::try_from(input.len()).unwrap().to_be_bytes()).unwrap();
                stdin.write_all(input).unwrap();
            }
        });
        stdout.lines().map(|line| reading(&line.unwrap())).collect()
    });
    assert!(child.wait().unwrap().success());
    assert_eq!(readings.len(), inputs.len());
    readings
}

fn reading(line: &str) -> Reading {
    let answer: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let bytes = |value: &serde_json::Value| -> Vec<u8> {
        let digits = value.as_str().unwrap();
        (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
            .collect()
    };
    let messages = answer["messages"].as_array().unwrap().iter().map(|message| {
        let (absolute, path) = split_target(message["target"].as_str().unwrap());
        let mut fields: Vec<_> = message["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| (text(&field[0]), text(&field[1])))
            .collect();
        fields.sort();
        Message {
            method: text(&message["method"]),
            absolute: absolute.is_some(),
            version: text(&message["version"]),
            path,
            authority: authority(absolute, &fields),
            fields,
            body: bytes(&message["body"]),
        }
    });
    Reading { messages: messages.collect(), refused: answer["refused"].as_str().map(str::to_owned) }
}
