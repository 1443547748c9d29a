//! What the codec accepts, hyper, h11 and llhttp read in the same way.

use std::collections::BTreeMap;
use std::path::Path;

use crate::excused::{STOPS, WORDINGS};
use crate::grammar::stream;
use crate::ours::{self, Ours};
use crate::reading::Reading;
use crate::rows::rows;
use crate::{hyper_oracle, python_oracle};

/// Streams from the generator.
const STREAMS: u64 = 10_000;

/// Rows, seeds of the fuzz target, and generated streams: the accepted part of each.
fn accepted() -> Vec<(Vec<u8>, Ours)> {
    let seeds =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/seeds/http1_request_head");
    let seeds = std::fs::read_dir(seeds).unwrap();
    let seeds = seeds.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    let rows = rows().into_iter().map(|row| row.input);
    let mut inputs: Vec<_> = rows
        .chain(seeds)
        .chain((0..STREAMS).map(stream))
        .map(|mut input| {
            let ours = ours::read(&input);
            input.truncate(ours.accepted);
            (input, ours)
        })
        .filter(|(_, ours)| !ours.messages.is_empty())
        .collect();
    inputs.sort_by(|(left, _), (right, _)| left.cmp(right));
    inputs.dedup_by(|(left, _), (right, _)| left == right);
    inputs
}

/// Panics when a reading differs and no excuse fits; every excuse for the reader must be needed.
fn compare(reader: &str, inputs: &[(Vec<u8>, Ours)], readings: &[Reading]) {
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    let wordings: Vec<_> =
        WORDINGS.iter().filter(|wording| wording.readers.contains(&reader)).collect();
    let stops: Vec<_> = STOPS.iter().filter(|stop| stop.reader == reader).collect();
    used.extend(wordings.iter().map(|wording| (wording.reason, 0)));
    used.extend(stops.iter().map(|stop| (stop.reason, 0)));
    let mut different = 0;
    for ((input, ours), theirs) in inputs.iter().zip(readings) {
        let (mut messages, mut theirs) = (ours.messages.clone(), theirs.clone());
        for wording in &wordings {
            let before = (messages.clone(), theirs.messages.clone());
            messages.iter_mut().chain(&mut theirs.messages).for_each(wording.level);
            *used.entry(wording.reason).or_default() +=
                usize::from(before != (messages.clone(), theirs.messages.clone()));
        }
        if theirs.refused.is_none() && theirs.messages == messages {
            continue;
        }
        match stops.iter().find(|stop| stop.explains(reader, &messages, &theirs)) {
            Some(stop) => *used.entry(stop.reason).or_default() += 1,
            None => {
                different += 1;
                println!("{}", input.escape_ascii());
                println!("  ours: {messages:?}\n  {reader}: {theirs:?}");
            }
        }
    }
    println!("{reader} read {} streams; differences: {used:#?}", inputs.len());
    assert_eq!(different, 0, "streams that {reader} reads differently");
    let idle: Vec<_> = used.iter().filter(|(_, times)| **times == 0).collect();
    assert!(idle.is_empty(), "excuses that nothing needs: {idle:?}");
}

fn slices(inputs: &[(Vec<u8>, Ours)]) -> Vec<&[u8]> {
    inputs.iter().map(|(input, _)| input.as_slice()).collect()
}

#[test]
fn enough_is_accepted_and_enough_is_refused() {
    let all = u64::try_from(accepted().len()).unwrap();
    assert!(all > STREAMS / 4 && all < STREAMS, "{all} of {STREAMS}");
}

#[test]
fn hyper_reads_what_is_accepted_in_the_same_way() {
    let inputs = accepted();
    compare("hyper", &inputs, &hyper_oracle::read_all(&slices(&inputs)));
}

#[test]
fn h11_reads_what_is_accepted_in_the_same_way() {
    let Some(python) = python_oracle::python() else {
        return;
    };
    let inputs = accepted();
    let readings = python_oracle::read_all(&python, "h11_reader.py", &slices(&inputs));
    compare("h11", &inputs, &readings);
}

#[test]
fn llhttp_reads_what_is_accepted_in_the_same_way() {
    let Some(python) = python_oracle::python() else {
        return;
    };
    let inputs = accepted();
    let readings = python_oracle::read_all(&python, "llhttp_reader.py", &slices(&inputs));
    compare("llhttp", &inputs, &readings);
}
