//! httparse as a reader of the fields of one head.

use copal_http1::field::{Field, FieldKind};
use copal_http1::request_head::RequestHead;
use copal_http1::response_head::{ResponseHead, ResponseLimits};
use copal_http1::write;
use proptest::prelude::*;

use crate::grammar::stream;
use crate::ours::LIMITS;
use crate::rows::rows;

/// Names and values as httparse reads them from a block of field lines; `None` when it refuses.
fn read(block: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    match httparse::parse_headers(block, &mut headers) {
        Ok(httparse::Status::Complete((length, headers))) if length == block.len() => {
            Some(headers.iter().map(|header| (header.name.as_bytes(), header.value)).collect())
        }
        _ => None,
    }
}

/// What follows the first line of a head, which may have empty lines before it.
fn block(head: &[u8]) -> &[u8] {
    let start = head.iter().position(|byte| !b"\r\n".contains(byte)).unwrap();
    let line = head[start..].iter().position(|byte| *byte == b'\n').unwrap();
    &head[start + line + 1..]
}

fn check_fields(head: &[u8], fields: &[Field<'_>]) {
    let ours: Vec<_> = fields.iter().map(|field| (field.name, field.value)).collect();
    assert_eq!(read(block(head)), Some(ours), "{}", head.escape_ascii());
}

/// Whether what is copied in one go is what would be written field by field.
fn check_written(
    fields: &[Field<'_>],
    write_all: impl Fn(&mut Vec<u8>, &dyn Fn(&Field<'_>) -> bool),
) {
    let choices: [&dyn Fn(&Field<'_>) -> bool; 4] =
        [&|_| true, &|_| false, &|field| field.kind == FieldKind::Other, &|field| {
            field.name.len() % 2 == 0
        }];
    for passes in choices {
        let (mut copied, mut single) = (Vec::new(), Vec::new());
        write_all(&mut copied, passes);
        for field in fields.iter().filter(|field| passes(field)) {
            write::field(&mut single, field.name, field.value);
        }
        assert_eq!(copied.escape_ascii().to_string(), single.escape_ascii().to_string());
    }
}

fn check(input: &[u8]) {
    if let Ok(Some(head)) = RequestHead::parse(input, &LIMITS) {
        check_fields(&input[..head.length], &head.fields);
        check_written(&head.fields, |out, passes| head.write_fields(out, passes));
    }
    let limits = ResponseLimits { max_head: 4096, lenient: false };
    let response = [b"HTTP/1.1 200 OK\r\n", block(input)].concat();
    if let Ok(Some(head)) = ResponseHead::parse(&response, false, &limits) {
        check_fields(&response[..head.length], &head.fields);
        check_written(&head.fields, |out, passes| head.write_fields(out, passes));
    }
}

#[test]
fn the_fields_are_those_that_another_reader_finds() {
    for row in rows().iter().filter(|row| row.input.windows(2).any(|pair| pair == b" /")) {
        check(&[&row.input[..], b"\n"].concat());
    }
    for seed in 0..2000 {
        check(&[&stream(seed)[..], b"\n"].concat());
    }
}

proptest! {
    #[test]
    fn a_block_that_is_read_is_read_alike(
        lines in prop::collection::vec("[!-~ \t]{0,3}[A-Za-z_-]{0,18}[ \t]?:[ \t]{0,2}[ -~\t\u{80}-\u{ff}]{0,9}\r?", 0..9),
    ) {
        check(format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n", lines.join("\r\n")).as_bytes());
    }

    #[test]
    fn plain_lines_are_copied_as_they_would_be_written(
        lines in prop::collection::vec("[A-Za-z-]{1,18}:[ \t]{0,2}[a-z]{0,3}[ \t]?", 0..70),
    ) {
        let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
        check(format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n").as_bytes());
    }
}
