//! Preconditions and what they make of a request.

use super::*;
use crate::files::validators::Modified;

const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const MODIFIED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const AFTER: &str = "Sunday, 06-Nov-94 08:49:38 GMT";
const TAG: &str = "\"2ebc98a1-5-a\"";
const WEAK: &str = "W/\"2ebc98a1-5-a\"";

fn validators(now: SystemTime) -> Validators {
    Validators::new(Modified { seconds: 784_111_777, nanoseconds: 5 }, 10, now)
}

fn evaluate(conditions: &Conditions<'_>) -> &'static str {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let validators = validators(now);
    assert_eq!(validators.etag(), TAG);
    match conditions.evaluate(&validators, now) {
        Outcome::Full => "full",
        Outcome::Range(_) => "range",
        Outcome::NotModified => "not modified",
        Outcome::PreconditionFailed => "failed",
    }
}

#[test]
fn preconditions_are_evaluated_in_their_order() {
    #[rustfmt::skip]
    let cases = [
        // If-Match    If-Unmodified-Since  If-None-Match   If-Modified-Since  outcome
        ("",           "",                  "",             "",                "full"),
        (TAG,          "",                  "",             "",                "full"),
        ("*",          "",                  "",             "",                "full"),
        ("\"x\"",      "",                  "",             "",                "failed"),
        (WEAK,         "",                  "",             "",                "failed"),
        ("x",          "",                  "",             "",                "failed"),
        ("\"",         "",                  "",             "",                "failed"),
        ("\"x\",\t\"2ebc98a1-5-a\" , W/\"y\"", "",          "",       "",      "full"),
        (TAG,          BEFORE,              "",             "",                "full"),
        ("\"x\"",      AFTER,               "",             "",                "failed"),
        ("",           BEFORE,              "",             "",                "failed"),
        ("",           MODIFIED,            "",             "",                "full"),
        ("",           AFTER,               "",             "",                "full"),
        ("",           "yesterday",         "",             "",                "full"),
        ("",           "",                  TAG,            "",                "not modified"),
        ("",           "",                  WEAK,           "",                "not modified"),
        ("",           "",                  " * ",          "",                "not modified"),
        ("",           "",                  "\"x\"",        "",                "full"),
        ("",           "",                  "\"x,2ebc98a1-5-a\"", "",          "full"),
        ("",           "",                  "2ebc98a1-5-a", "",                "full"),
        ("",           "",                  ",, \"x\",W/\"2ebc98a1-5-a\"", "", "not modified"),
        ("",           "",                  "\"x\"",        AFTER,             "full"),
        ("",           "",                  "",             BEFORE,            "full"),
        ("",           "",                  "",             MODIFIED,          "not modified"),
        ("",           "",                  "",             AFTER,             "not modified"),
        ("",           "",                  "",             "now",             "full"),
        ("",           BEFORE,              TAG,            "",                "failed"),
        (TAG,          "",                  TAG,            "",                "not modified"),
    ];
    for (if_match, unmodified, none_match, modified, outcome) in cases {
        let value = |text: &'static str| (!text.is_empty()).then_some(text.as_bytes());
        let conditions = Conditions {
            if_match: value(if_match),
            if_unmodified_since: value(unmodified),
            if_none_match: value(none_match),
            if_modified_since: value(modified),
            ..Conditions::default()
        };
        assert_eq!(evaluate(&conditions), outcome, "{conditions:?}");
    }
}

#[test]
fn a_range_is_given_only_of_the_state_that_the_client_has() {
    #[rustfmt::skip]
    let cases = [
        // If-Range          outcome
        (None,               "range"),
        (Some(TAG),          "range"),
        (Some(WEAK),         "full"),
        (Some("\"x\""),      "full"),
        (Some(MODIFIED),     "range"),
        (Some(AFTER),        "full"),
        (Some(BEFORE),       "full"),
        (Some("*"),          "full"),
        (Some(""),           "full"),
    ];
    for (if_range, outcome) in cases {
        let if_range = if_range.map(str::as_bytes);
        let conditions =
            Conditions { if_range, range: Some(b"bytes=0-1"), ..Conditions::default() };
        assert_eq!(evaluate(&conditions), outcome, "{if_range:?}");
        let known = Conditions { if_none_match: Some(TAG.as_bytes()), ..conditions };
        assert_eq!(evaluate(&known), "not modified", "{if_range:?}");
    }
}

#[test]
fn a_date_is_believed_only_when_its_second_is_over() {
    let conditions = Conditions {
        if_range: Some(MODIFIED.as_bytes()),
        range: Some(b"bytes=0-1"),
        ..Conditions::default()
    };
    let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    for (age, outcome) in [
        (Duration::ZERO, Outcome::Full),
        (Duration::from_secs(1), Outcome::Full),
        (Duration::from_millis(1001), Outcome::Range(b"bytes=0-1")),
    ] {
        let now = modified + age;
        assert_eq!(conditions.evaluate(&validators(now), now), outcome, "{age:?}");
    }
}
