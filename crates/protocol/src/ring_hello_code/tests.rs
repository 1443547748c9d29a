//! Hellos are read as they were written, and nothing else is.

use proptest::prelude::*;

use super::*;

fn hellos() -> impl Strategy<Value = Hello> {
    let name = || "[a-zA-Z0-9][a-zA-Z0-9_-]{0,31}".prop_map(|text| Name::new(&text).unwrap());
    let index = || (0..ServerIndex::COUNT).prop_map(|index| ServerIndex::new(index).unwrap());
    let table = prop::collection::btree_map(index(), name(), 0..6);
    let versions = (1..9_u16, 0..9_u16).prop_map(|(lowest, more)| (lowest, lowest + more));
    let state = prop::sample::select(State::ALL.to_vec());
    (versions, name(), name(), index(), any::<u64>(), table, state).prop_map(
        |((lowest, highest), cluster, server, index, incarnation, table, state)| Hello {
            versions: Versions::new(lowest, highest).unwrap(),
            cluster,
            server,
            index,
            incarnation,
            table,
            state,
        },
    )
}

fn app_b() -> Hello {
    let name = |text: &str| Name::new(text).unwrap();
    let index = |index: usize| ServerIndex::new(index).unwrap();
    Hello {
        versions: Versions::new(1, 1).unwrap(),
        cluster: name("app-tier"),
        server: name("app-b"),
        index: index(1),
        incarnation: 0x0102_0304_0506_0708,
        table: [(index(0), name("app-a")), (index(1), name("app-b"))].into(),
        state: State::Ready,
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(hello in hellos(), tag in 8..=u8::MAX, content: Vec<u8>) {
        let mut bytes = write(&hello);
        prop_assert_eq!(read(&bytes), Ok(hello.clone()));
        field(&mut bytes, tag, &content);
        prop_assert_eq!(read(&bytes), Ok(hello));
    }

    #[test]
    fn whatever_is_read_would_be_written_in_the_same_way(
        hello in hellos(),
        place: prop::sample::Index,
        byte: u8,
    ) {
        let mut bytes = write(&hello);
        let place = place.index(bytes.len());
        bytes[place] = byte;
        if let Ok(other) = read(&bytes) {
            let again = write(&other);
            // All but fields that are skipped.
            prop_assert_eq!(&bytes[..again.len()], &again);
        }
    }

    #[test]
    fn a_hello_that_was_cut_is_none(hello in hellos(), place: prop::sample::Index) {
        let bytes = write(&hello);
        let cut = place.index(bytes.len());
        prop_assert!(read(&bytes[..cut]).is_err());
    }

    #[test]
    fn any_bytes_at_all_are_read_or_refused(bytes: Vec<u8>) {
        let _ = read(&bytes);
    }
}

#[test]
fn the_bytes_are_those_of_the_documentation() {
    let expected = "01000400010001\
        0200086170702d74696572\
        0300056170702d62\
        04000101\
        0500080102030405060708\
        06000e00056170702d6101056170702d62\
        0700057265616479";
    let hex: String = write(&app_b()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected);
    let documentation = include_str!("../../../../docs/wire.md");
    assert!(documentation.contains(&format!("`{expected}`")));
}

#[test]
fn what_cannot_be_is_named() {
    let good: [(u8, &[u8]); 7] = [
        (1, &[0, 1, 0, 1]),
        (2, b"app-tier"),
        (3, b"app-b"),
        (4, &[1]),
        (5, &[0; 8]),
        (6, b"\x00\x01a\x01\x01b"),
        (7, b"ready"),
    ];
    let with = |changes: &[(u8, &[u8])]| {
        let mut out = Vec::new();
        for (tag, content) in good {
            let changed = changes.iter().find(|(changed, _)| *changed == tag);
            field(&mut out, tag, changed.map_or(content, |(_, content)| content));
        }
        read(&out).map_err(|bad| bad.to_string())
    };
    assert!(with(&[]).is_ok());
    #[rustfmt::skip]
    let table: &[(u8, &[u8], &str)] = &[
        (1, &[0, 0, 0, 1],              "list of versions"),
        (1, &[0, 2, 0, 1],              "list of versions"),
        (1, &[0, 1],                    "list of versions"),
        (2, b"",                        "cluster"),
        (3, b"app b",                   "server id"),
        (3, b"\xff",                    "server id"),
        (4, &[64],                      "index"),
        (4, &[0, 1],                    "index"),
        (5, &[0; 7],                    "incarnation"),
        (6, b"\x01\x01a\x00\x01b",      "server table"),
        (6, b"\x01\x01a\x01\x01b",      "server table"),
        (6, b"\x01\x02a",               "server table"),
        (6, b"\x40\x01a",               "index"),
        (7, b"READY",                   "state"),
        (7, b"asleep",                  "state"),
    ];
    for (tag, content, what) in table {
        assert_eq!(with(&[(*tag, content)]).unwrap_err(), format!("the hello has a bad {what}"));
    }
    let mut twice = write(&app_b());
    field(&mut twice, 7, b"ready");
    assert_eq!(read(&twice), Err(BadHello::Order));
    assert_eq!(read(&[]), Err(BadHello::Missing("versions")));
    assert_eq!(read(&write(&app_b())[7..]), Err(BadHello::Missing("versions")));
}

#[test]
fn a_hello_has_a_longest_length() {
    let mut bytes = write(&app_b());
    let room = limits::HELLO - bytes.len() - 3;
    field(&mut bytes, 8, &vec![0; room]);
    assert_eq!(read(&bytes), Ok(app_b()));
    bytes.extend([9, 0, 0]);
    assert_eq!(read(&bytes), Err(BadHello::Value("length")));
}
