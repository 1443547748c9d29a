//! Where a message body ends.

use crate::alphabet;

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// There is no body.
    None,
    /// The body has so many bytes.
    Length(u64),
    /// The body comes in chunks.
    Chunked,
    /// The body ends with the connection; responses only.
    UntilClose,
}

/// A head from which the end of its body cannot be told beyond doubt. The sender's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFraming {
    /// Two `Content-Length` fields, even equal ones.
    #[error("more than one Content-Length field")]
    LengthTwice,
    /// A `Content-Length` that is not one plain decimal number.
    #[error("Content-Length is not one plain decimal number")]
    LengthMalformed,
    /// Both `Content-Length` and `Transfer-Encoding`.
    #[error("both Content-Length and Transfer-Encoding")]
    LengthAndCoding,
    /// Two `Transfer-Encoding` fields.
    #[error("more than one Transfer-Encoding field")]
    CodingTwice,
    /// A `Transfer-Encoding` that does not end with `chunked` and only there.
    #[error("Transfer-Encoding is not chunked")]
    CodingMalformed,
    /// Codings before `chunked`, which we do not decode.
    #[error("Transfer-Encoding names a coding before chunked")]
    CodingUnknown,
    /// A `Transfer-Encoding` in HTTP/1.0, which has none.
    #[error("Transfer-Encoding in HTTP/1.0")]
    CodingInHttp10,
}

/// What one `Transfer-Encoding` field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Chunked,
    OthersThenChunked,
    Malformed,
}

impl Coding {
    pub(crate) fn read(value: &[u8]) -> Self {
        // RFC 9112, 7: "All transfer-coding names are case-insensitive"
        if value.eq_ignore_ascii_case(b"chunked") {
            return Self::Chunked;
        }
        let Some(comma) = memchr::memrchr(b',', value) else {
            return Self::Malformed;
        };
        let (others, last) = value.split_at_checked(comma).unwrap_or((value, b""));
        let last = last.strip_prefix(b",").map_or(last, alphabet::trim);
        let well_formed = alphabet::list(others)
            .all(|coding| alphabet::is_token(coding) && !coding.eq_ignore_ascii_case(b"chunked"));
        if well_formed && last.eq_ignore_ascii_case(b"chunked") {
            Self::OthersThenChunked
        } else {
            Self::Malformed
        }
    }
}

/// The number of a `Content-Length` field.
pub(crate) fn read_length(value: &[u8]) -> Result<u64, BadFraming> {
    // RFC 9110, 8.6: "Content-Length = 1*DIGIT". A leading zero is octal to some readers.
    let plain = match value {
        [] => false,
        [b'0'] => true,
        [b'0', ..] => false,
        digits => digits.iter().all(u8::is_ascii_digit),
    };
    if !plain {
        return Err(BadFraming::LengthMalformed);
    }
    let mut length = 0_u64;
    for digit in value {
        length = length
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(u64::from(digit - b'0')))
            .ok_or(BadFraming::LengthMalformed)?;
    }
    // A reader with signed numbers must see the same one.
    if i64::try_from(length).is_err() {
        return Err(BadFraming::LengthMalformed);
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_one_plain_number() {
        let table: &[(&str, Option<u64>)] = &[
            ("0", Some(0)),
            ("1", Some(1)),
            ("9223372036854775807", Some(i64::MAX.unsigned_abs())),
            ("9223372036854775808", None),
            ("18446744073709551616", None),
            ("99999999999999999999999", None),
            ("00", None),
            ("010", None),
            ("+1", None),
            ("-1", None),
            ("-0", None),
            ("0x1", None),
            ("1_0", None),
            ("1, 1", None),
            ("1,1", None),
            ("1 1", None),
            ("1.0", None),
            ("1e3", None),
            ("", None),
            ("\u{661}", None),
        ];
        for (value, length) in table {
            assert_eq!(read_length(value.as_bytes()).ok(), *length, "{value:?}");
        }
    }

    #[test]
    fn a_transfer_encoding_is_chunked_and_nothing_else() {
        let table: &[(&[u8], Coding)] = &[
            (b"chunked", Coding::Chunked),
            (b"Chunked", Coding::Chunked),
            (b"gzip, chunked", Coding::OthersThenChunked),
            (b"gzip,chunked", Coding::OthersThenChunked),
            (b"gzip ,\tCHUNKED", Coding::OthersThenChunked),
            (b"identity, chunked", Coding::OthersThenChunked),
            (b"gzip, br, chunked", Coding::OthersThenChunked),
            (b"", Coding::Malformed),
            (b",chunked", Coding::Malformed),
            (b", chunked", Coding::Malformed),
            (b"chunked,", Coding::Malformed),
            (b"chunked, ", Coding::Malformed),
            (b"chunked, identity", Coding::Malformed),
            (b"chunked, chunked", Coding::Malformed),
            (b"chunked, gzip, chunked", Coding::Malformed),
            (b"gzip,, chunked", Coding::Malformed),
            (b"xchunked", Coding::Malformed),
            (b"gzip", Coding::Malformed),
            (b"identity", Coding::Malformed),
            (b"\"chunked\"", Coding::Malformed),
            (b"chunked;a=b", Coding::Malformed),
            (b"gzip;q=1, chunked", Coding::Malformed),
            (b"\x0bchunked", Coding::Malformed),
            (b"\xa0chunked", Coding::Malformed),
            (b"chunked\xa0", Coding::Malformed),
            (b"gzip chunked", Coding::Malformed),
            (b"gzip\xa0, chunked", Coding::Malformed),
        ];
        for (value, coding) in table {
            assert_eq!(Coding::read(value), *coding, "{}", value.escape_ascii());
        }
    }
}
