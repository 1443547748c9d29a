//! Times such as `"500ms"`, `"15s"`, `"1h30m"`.

use std::time::Duration;

use crate::finding_rule::FindingRule;
use crate::written::problem::Problem;
use crate::written::quote::quoted;
use crate::written::spaces::without_spaces;

const UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Other words for the units, which are not read but understood.
const WORDS: [(&str, &[&str]); 5] = [
    ("ms", &["msec", "msecs", "millis", "millisecond", "milliseconds"]),
    ("s", &["sec", "secs", "second", "seconds"]),
    ("m", &["min", "mins", "minute", "minutes"]),
    ("h", &["hr", "hrs", "hour", "hours"]),
    ("d", &["day", "days"]),
];

/// Reads a time: numbers with a unit, the larger unit first, each unit once.
pub(crate) fn duration(text: &str) -> Result<Duration, Problem> {
    read(text).map_err(|problem| {
        let joined = without_spaces(text);
        if let Some(joined) = joined.as_deref().filter(|joined| read(joined).is_ok()) {
            let message = format!("{} is not a time: it has a space in it", quoted(text));
            return Problem::new(FindingRule::InvalidDuration, message)
                .hint(format!("without the space: {}", quoted(joined)));
        }
        match with_short_units(joined.as_deref().unwrap_or(text)) {
            Some(meant) => problem.hint(format!("did you mean {}?", quoted(&meant))),
            None => problem,
        }
    })
}

/// The time with its units as they are read; `None` when that is none either.
fn with_short_units(text: &str) -> Option<String> {
    let mut rest = text;
    let mut meant = String::new();
    while !rest.is_empty() {
        let (digits, after) = split(rest, |byte| byte.is_ascii_digit());
        let (unit, after) = split(after, |byte| byte.is_ascii_alphabetic());
        let unit = unit.to_ascii_lowercase();
        let known = |(short, words): &&(&str, &[&str])| *short == unit || words.contains(&&*unit);
        let (short, _) = WORDS.iter().find(known)?;
        meant.push_str(digits);
        meant.push_str(short);
        rest = after;
    }
    read(&meant).is_ok().then_some(meant)
}

fn read(text: &str) -> Result<Duration, Problem> {
    let wrong = |reason: &str| {
        Problem::new(
            FindingRule::InvalidDuration,
            format!("{} is not a time: {reason}", quoted(text)),
        )
    };
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong("its unit is missing").hint(format!("did you mean \"{text}s\"?")));
    }
    let mut rest = text;
    let mut total: u64 = 0;
    let mut smallest = u64::MAX;
    while !rest.is_empty() {
        let (digits, after) = split(rest, |byte| byte.is_ascii_digit());
        let (unit, after) = split(after, |byte| byte.is_ascii_alphabetic());
        let Some(factor) = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor)
        else {
            return Err(wrong("it is written as numbers with the units ms, s, m, h, d").hint(HINT));
        };
        if digits.is_empty() {
            return Err(wrong("a number is missing before the unit").hint(HINT));
        }
        if factor >= smallest {
            return Err(wrong("the units go from large to small, each once").hint(HINT));
        }
        smallest = factor;
        let sum = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
        total = sum.and_then(|sum| sum.checked_add(total)).ok_or_else(|| {
            Problem::new(FindingRule::OutOfRange, format!("{} is too long", quoted(text)))
        })?;
        rest = after;
    }
    if smallest == u64::MAX {
        return Err(wrong("it is empty").hint(HINT));
    }
    Ok(Duration::from_millis(total))
}

const HINT: &str = "for example \"500ms\", \"15s\", \"30m\", \"1h30m\" or \"2d\"";

/// A time as it would be written in the file.
pub(crate) fn written(time: Duration) -> String {
    let mut rest = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, factor) in UNITS.iter().rev() {
        if let (count @ 1.., remainder) = (rest / factor, rest % factor) {
            text.push_str(&format!("{count}{unit}"));
            rest = remainder;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// The bytes at the front for which `is` holds, and the rest.
pub(crate) fn split(text: &str, is: impl Fn(&u8) -> bool) -> (&str, &str) {
    let length = text.bytes().take_while(is).count();
    text.split_at_checked(length).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_that_are_read() {
        for (text, millis) in [
            ("500ms", 500),
            ("0s", 0),
            ("15s", 15_000),
            ("30m", 1_800_000),
            ("1h30m", 5_400_000),
            ("2d", 172_800_000),
            ("1d2h3m4s5ms", 93_784_005),
            ("90m", 5_400_000),
            ("18446744073709551615ms", u64::MAX),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn times_that_are_not() {
        for (text, rule, part) in [
            ("", FindingRule::InvalidDuration, "it is empty"),
            ("15", FindingRule::InvalidDuration, "its unit is missing"),
            ("s", FindingRule::InvalidDuration, "a number is missing"),
            ("15 s", FindingRule::InvalidDuration, "it has a space in it"),
            ("15S", FindingRule::InvalidDuration, "units ms, s, m, h, d"),
            ("1.5s", FindingRule::InvalidDuration, "units ms, s, m, h, d"),
            ("-1s", FindingRule::InvalidDuration, "units ms, s, m, h, d"),
            ("1s30", FindingRule::InvalidDuration, "units ms, s, m, h, d"),
            ("30m1h", FindingRule::InvalidDuration, "from large to small"),
            ("1s1s", FindingRule::InvalidDuration, "each once"),
            ("1sé", FindingRule::InvalidDuration, "units ms, s, m, h, d"),
            ("18446744073709551616ms", FindingRule::OutOfRange, "too long"),
            ("18446744073709551615d", FindingRule::OutOfRange, "too long"),
        ] {
            let problem = duration(text).unwrap_err();
            assert_eq!(problem.rule, rule, "{text}");
            assert!(problem.message.contains(part), "{text}: {}", problem.message);
        }
        for (text, hint) in [
            ("15", "did you mean \"15s\"?"),
            ("15 s", "without the space: \"15s\""),
            ("1h 30m", "without the space: \"1h30m\""),
            ("2 hours", "did you mean \"2h\"?"),
            ("2hours", "did you mean \"2h\"?"),
            ("1 Day 5 min", "did you mean \"1d5m\"?"),
            ("15S", "did you mean \"15s\"?"),
            ("5 weeks", HINT),
            ("hours", HINT),
            ("5 minutes 2 hours", HINT),
            ("18446744073709551615 days", HINT),
        ] {
            assert_eq!(duration(text).unwrap_err().hint.unwrap(), hint, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(millis in 0_u64..=u64::MAX) {
            let time = Duration::from_millis(millis);
            proptest::prop_assert_eq!(duration(&written(time)), Ok(time));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = duration(&text);
        }
    }
}
