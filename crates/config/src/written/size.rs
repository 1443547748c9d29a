//! Sizes such as `"64K"`, `"256M"`, `"1G"`.

use crate::finding_rule::FindingRule;
use crate::written::duration::split;
use crate::written::problem::Problem;
use crate::written::quote::quoted;
use crate::written::spaces::without_spaces;

const UNITS: [(&str, u32); 5] = [("", 0), ("k", 10), ("m", 20), ("g", 30), ("t", 40)];

/// Reads a size in bytes: a number, perhaps K, M, G or T (powers of 1024), perhaps `B` or `iB`.
pub(crate) fn size(text: &str) -> Result<u64, Problem> {
    let joined = || without_spaces(text).filter(|joined| read(joined).is_ok());
    read(text).map_err(|problem| match joined() {
        Some(joined) => {
            let message = format!("{} is not a size: it has a space in it", quoted(text));
            Problem::new(FindingRule::InvalidSize, message)
                .hint(format!("without the space: {}", quoted(&joined)))
        }
        None => problem,
    })
}

fn read(text: &str) -> Result<u64, Problem> {
    let wrong = |reason: &str| {
        let message = format!("{} is not a size: {reason}", quoted(text));
        Problem::new(FindingRule::InvalidSize, message)
            .hint("for example \"64K\", \"256M\" or \"1G\"; K, M and G are powers of 1024")
    };
    let (digits, unit) = split(text, |byte| byte.is_ascii_digit());
    if digits.is_empty() {
        return Err(wrong("a number is missing"));
    }
    let unit = unit.to_ascii_lowercase();
    let letter = match unit.as_str() {
        "ib" => return Err(wrong("`iB` needs K, M, G or T before it")),
        other => other.strip_suffix("ib").or_else(|| other.strip_suffix('b')).unwrap_or(other),
    };
    let Some((_, shift)) = UNITS.iter().find(|(name, _)| *name == letter) else {
        return Err(wrong("its unit is not K, M, G or T"));
    };
    digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift)).ok_or_else(|| {
        Problem::new(FindingRule::OutOfRange, format!("{} is too large", quoted(text)))
    })
}

/// A size as it would be written in the file.
pub(crate) fn written(size: u64) -> String {
    let fits = |shift: &u32| size != 0 && size.trailing_zeros() >= *shift;
    let (unit, shift) =
        UNITS.iter().rev().find(|(_, shift)| fits(shift)).copied().unwrap_or(("", 0));
    format!("{}{}", size >> shift, unit.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_are_read() {
        for (text, bytes) in [
            ("0", 0),
            ("256", 256),
            ("256B", 256),
            ("64K", 64 << 10),
            ("64k", 64 << 10),
            ("64KB", 64 << 10),
            ("64KiB", 64 << 10),
            ("64kib", 64 << 10),
            ("256M", 256 << 20),
            ("1G", 1 << 30),
            ("1024M", 1 << 30),
            ("2T", 2 << 40),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn sizes_that_are_not() {
        for (text, rule) in [
            ("", FindingRule::InvalidSize),
            ("K", FindingRule::InvalidSize),
            ("64 K", FindingRule::InvalidSize),
            ("64X", FindingRule::InvalidSize),
            ("64iB", FindingRule::InvalidSize),
            ("64KK", FindingRule::InvalidSize),
            ("1.5M", FindingRule::InvalidSize),
            ("-1", FindingRule::InvalidSize),
            ("64é", FindingRule::InvalidSize),
            ("18446744073709551616", FindingRule::OutOfRange),
            ("18446744073709551615K", FindingRule::OutOfRange),
        ] {
            assert_eq!(size(text).unwrap_err().rule, rule, "{text}");
        }
        for (text, message, hint) in [
            ("10 MB", "it has a space in it", "without the space: \"10MB\""),
            ("10MB ", "it has a space in it", "without the space: \"10MB\""),
            ("10 XB", "its unit is not", "for example"),
            ("10 000", "its unit is not", "for example"),
        ] {
            let problem = size(text).unwrap_err();
            assert!(problem.message.contains(message), "{text}: {}", problem.message);
            let given = problem.hint.unwrap();
            assert!(given.contains(hint), "{text}: {given}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(bytes in 0_u64..=u64::MAX) {
            proptest::prop_assert_eq!(size(&written(bytes)), Ok(bytes));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = size(&text);
        }
    }
}
