//! Values of Range and the parts of a file that they name.

use proptest::prelude::*;

use super::*;

fn one(offset: u64, length: u64) -> Ranges {
    Ranges::One(Span { offset, length })
}

fn many(spans: &[(u64, u64)]) -> Ranges {
    Ranges::Many(
        spans.iter().map(|(offset, length)| Span { offset: *offset, length: *length }).collect(),
    )
}

#[test]
fn a_field_is_read_as_ranges_or_not_at_all() {
    use Ranges::{Unsatisfiable, Whole};
    #[rustfmt::skip]
    let cases = [
        // field                              size   ranges
        ("bytes=0-0",                         1000,  one(0, 1)),
        ("bytes=0-",                          1000,  one(0, 1000)),
        ("bytes=5-9",                         1000,  one(5, 5)),
        ("bytes=999-",                        1000,  one(999, 1)),
        ("bytes=990-2000",                    1000,  one(990, 10)),
        ("bytes=-10",                         1000,  one(990, 10)),
        ("bytes=-2000",                       1000,  one(0, 1000)),
        ("BYTES=1-2",                         1000,  one(1, 2)),
        ("bytes=, 1-2 ,",                     1000,  one(1, 2)),
        ("bytes=0-99999999999999999999999999", 1000, one(0, 1000)),
        ("bytes=1000-",                       1000,  Unsatisfiable),
        ("bytes=1000-1001",                   1000,  Unsatisfiable),
        ("bytes=99999999999999999999999999-", 1000,  Unsatisfiable),
        ("bytes=-0",                          1000,  Unsatisfiable),
        ("bytes=1000-,-0",                    1000,  Unsatisfiable),
        ("bytes=1000-,1-2",                   1000,  one(1, 2)),
        ("bytes=0-",                          0,     Whole),
        ("bytes=-5",                          0,     Whole),
        ("bytes=",                            1000,  Whole),
        ("bytes=,",                           1000,  Whole),
        ("bytes",                             1000,  Whole),
        ("",                                  1000,  Whole),
        ("items=0-1",                         1000,  Whole),
        ("bytes=2-1",                         1000,  Whole),
        ("bytes=1-2,2-1",                     1000,  Whole),
        ("bytes=-",                           1000,  Whole),
        ("bytes=a-b",                         1000,  Whole),
        ("bytes=+1-2",                        1000,  Whole),
        ("bytes=1- 2",                        1000,  Whole),
        ("bytes=--1",                         1000,  Whole),
        ("bytes=1-2-3",                       1000,  Whole),
        ("bytes=0x1-2",                       1000,  Whole),
        ("bytes=0-1,500-501",                 1000,  many(&[(0, 2), (500, 2)])),
        ("bytes=500-501,0-1",                 1000,  many(&[(500, 2), (0, 2)])),
        ("bytes=0-1,500-501,2-3",             1000,  many(&[(0, 4), (500, 2)])),
        ("bytes=0-1,130-131",                 1000,  one(0, 132)),
        ("bytes=0-1,131-132",                 1000,  many(&[(0, 2), (131, 2)])),
        ("bytes=0-9,5-14,10-19",              1000,  one(0, 20)),
        ("bytes=0-,0-,0-",                    1000,  Whole),
        ("bytes=0-499,500-",                  1000,  Whole),
        ("bytes=0-399,600-",                  1000,  Whole),
        ("bytes=0-0,-1",                      10,    Whole),
    ];
    for (field, size, ranges) in cases {
        assert_eq!(parse(field.as_bytes(), size), ranges, "{field} of {size}");
    }
}

#[test]
fn a_flood_of_ranges_is_answered_with_the_whole_file() {
    let flood = |count: u64| {
        let specs: Vec<String> = (0..count).map(|at| format!("{0}-{0}", at * 1000)).collect();
        parse(format!("bytes={}", specs.join(",")).as_bytes(), 1 << 40)
    };
    let limit = u64::try_from(MAX_RANGES).unwrap();
    assert!(matches!(flood(limit), Ranges::Many(spans) if spans.len() == MAX_RANGES));
    assert_eq!(flood(limit + 1), Ranges::Whole);
    let unsatisfiable = format!("bytes={}", "9-9,".repeat(MAX_RANGES + 1));
    assert_eq!(parse(unsatisfiable.as_bytes(), 5), Ranges::Whole);
}

/// What a range asks for, told once more and slowly.
fn wants(spec: (Option<u64>, Option<u64>), size: u64, byte: u64) -> bool {
    match spec {
        (Some(first), Some(last)) => first <= byte && byte <= last,
        (Some(first), None) => first <= byte,
        (None, Some(length)) => byte >= size.saturating_sub(length),
        (None, None) => false,
    }
}

fn specs() -> impl Strategy<Value = Vec<(Option<u64>, Option<u64>)>> {
    let number = || 0..5000_u64;
    prop::collection::vec(
        prop_oneof![
            (number(), number()).prop_map(|(a, b)| (Some(a.min(b)), Some(a.max(b)))),
            (number(), 0..20_u64).prop_map(|(a, more)| (Some(a), Some(a + more))),
            number().prop_map(|first| (Some(first), None)),
            number().prop_map(|length| (None, Some(length))),
        ],
        1..10,
    )
}

proptest! {
    #[test]
    fn every_byte_that_is_asked_for_is_sent_once(specs in specs(), size in 1..4000_u64) {
        let show = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let list = specs.iter().map(|(first, last)| format!("{}-{}", show(*first), show(*last)));
        let field = format!("bytes={}", list.collect::<Vec<_>>().join(","));
        let sent = |spans: &[Span], byte| {
            spans.iter().filter(|span| span.offset <= byte && byte < span.end()).count()
        };
        let wanted = |byte| specs.iter().any(|spec| wants(*spec, size, byte));
        let spans = match parse(field.as_bytes(), size) {
            Ranges::Whole => return Ok(()),
            Ranges::Unsatisfiable => {
                prop_assert!(!(0..size).any(wanted), "{field}");
                return Ok(());
            }
            Ranges::One(span) => vec![span],
            Ranges::Many(spans) => {
                prop_assert!(spans.len() > 1, "{field}");
                prop_assert!(spans.iter().map(|span| span.length).sum::<u64>() < size, "{field}");
                spans
            }
        };
        for span in &spans {
            prop_assert!(span.length > 0 && span.end() <= size, "{field}: {span:?}");
        }
        for byte in 0..size {
            let copies = sent(&spans, byte);
            prop_assert!(copies <= 1, "{field}: byte {byte}");
            prop_assert!(copies == 1 || !wanted(byte), "{field}: byte {byte}");
        }
    }

    #[test]
    fn any_field_stays_within_the_file(
        field in prop::collection::vec(any::<u8>(), 0..40),
        size in any::<u64>(),
    ) {
        let numbers = field.iter().map(|byte| char::from(b"0123456789-,"[usize::from(byte % 12)]));
        let numbers: String = "bytes=".chars().chain(numbers).collect();
        for field in [field.as_slice(), numbers.as_bytes()] {
            let spans = match parse(field, size) {
                Ranges::One(span) => vec![span],
                Ranges::Many(spans) => spans,
                Ranges::Whole | Ranges::Unsatisfiable => Vec::new(),
            };
            for span in spans {
                prop_assert!(span.length > 0 && span.end() <= size, "{span:?} of {size}");
            }
        }
    }
}
