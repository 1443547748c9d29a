//! Regular expressions of rules and hosts.

use regex_syntax::ast::Ast;
use regex_syntax::ast::parse::Parser as AstParser;
use regex_syntax::hir::{Hir, Look};

use crate::bounds;
use crate::finding_rule::FindingRule;
use crate::written::problem::Problem;

/// Compiles what is searched for in a path.
pub(crate) fn for_path(pattern: &str) -> Result<regex::bytes::Regex, Problem> {
    check(pattern, false)?;
    // `.` and `[^/]` match every byte of a decoded path, one that is not UTF-8 and a line feed
    // included: else `^/admin/.*$` with `forbidden` would let `/admin/%ff` pass.
    regex::bytes::RegexBuilder::new(pattern)
        .unicode(false)
        .dot_matches_new_line(true)
        .size_limit(bounds::REGEXP_BYTES)
        .dfa_size_limit(bounds::REGEXP_BYTES)
        .build()
        .map_err(|error| not_compiled(&error))
}

/// Compiles what must match the whole name of a host, case ignored.
pub(crate) fn for_host(pattern: &str) -> Result<regex::Regex, Problem> {
    check(pattern, true)?;
    regex::RegexBuilder::new(&format!("\\A(?:{pattern})\\z"))
        .case_insensitive(true)
        .size_limit(bounds::REGEXP_BYTES)
        .dfa_size_limit(bounds::REGEXP_BYTES)
        .build()
        .map_err(|error| not_compiled(&error))
}

/// The anchored form of a regexp for an extension that may match in the middle of a name, or
/// `None` when there is nothing to warn of.
pub(crate) fn anchored_extension(pattern: &str) -> Option<String> {
    let hir = parse(pattern, false).ok()?;
    let anchored = hir.properties().look_set_prefix().contains(Look::Start)
        || hir.properties().look_set_suffix().contains(Look::End);
    if anchored || !has_extension(pattern) {
        return None;
    }
    let alternatives = matches!(AstParser::new().parse(pattern), Ok(Ast::Alternation(_)));
    Some(if alternatives { format!("({pattern})$") } else { format!("{pattern}$") })
}

/// Whether a literal dot with a letter or digit behind it stands in the pattern.
fn has_extension(pattern: &str) -> bool {
    ["\\.", "[.]"].iter().any(|dot| {
        pattern.match_indices(dot).any(|(at, _)| {
            let rest = pattern.get(at + dot.len()..).unwrap_or_default();
            // `\.(png|gif)` and `\.[a-z]+` are extensions too.
            let next = rest.trim_start_matches(['(', '[', '?', ':']).chars().next();
            next.is_some_and(|next| next.is_ascii_alphanumeric())
        })
    })
}

/// Tells where in the pattern the error is, which the compiler's own error only prints.
fn check(pattern: &str, unicode: bool) -> Result<(), Problem> {
    if pattern.len() > bounds::REGEXP_LENGTH {
        let message = format!(
            "a regexp of {} bytes is too long; {} are enough",
            pattern.len(),
            bounds::REGEXP_LENGTH
        );
        return Err(Problem::new(FindingRule::RegexpTooLarge, message));
    }
    // What double quotes make of `\b`, `\f` and `\e`; no path has these characters.
    if let Some(control) = pattern.chars().find(|c| ['\u{8}', '\u{c}', '\u{1b}'].contains(c)) {
        let message = format!("the regexp has the control character {}", control.escape_unicode());
        return Err(Problem::new(FindingRule::InvalidRegexp, message)
            .hint("write the regexp in single quotes, where a backslash stands for itself"));
    }
    let Err(error) = parse(pattern, unicode) else {
        return Ok(());
    };
    let (kind, span) = match *error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), *error.span()),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), *error.span()),
        error => {
            return Err(Problem::new(FindingRule::InvalidRegexp, format!("bad regexp: {error}")));
        }
    };
    let mut problem = Problem::new(FindingRule::InvalidRegexp, format!("bad regexp: {kind}"))
        .within(span.start.offset, span.end.offset);
    if kind.contains("look-around") || kind.contains("backreferences") {
        problem = problem.hint("use several rules: the first one that matches wins");
    }
    if kind.contains("Unicode not allowed") {
        problem = problem.hint(
            "paths are searched byte by byte: write `(é|ü)` instead of `[éü]` and `[A-Za-z]` \
             instead of `\\p{…}`",
        );
    }
    Err(problem)
}

fn parse(pattern: &str, unicode: bool) -> Result<Hir, Box<regex_syntax::Error>> {
    regex_syntax::ParserBuilder::new()
        .utf8(false)
        .unicode(unicode)
        .build()
        .parse(pattern)
        .map_err(Box::new)
}

fn not_compiled(error: &regex::Error) -> Problem {
    match error {
        regex::Error::CompiledTooBig(limit) => Problem::new(
            FindingRule::RegexpTooLarge,
            format!("the regexp needs more than {limit} bytes when it is compiled"),
        )
        .hint("large repetitions such as {1,1000} make it so"),
        other => Problem::new(FindingRule::InvalidRegexp, format!("bad regexp: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    #[test]
    fn a_dot_matches_what_is_no_text() {
        for path in [&b"/admin/\xff"[..], b"/admin/a\nb", "/admin/\u{e9}".as_bytes()] {
            assert!(for_path("^/admin/.*$").unwrap().is_match(path), "{path:?}");
            assert!(for_path("^/admin/[^/]+$").unwrap().is_match(path), "{path:?}");
        }
        assert!(for_path("^/caf\u{e9}").unwrap().is_match("/caf\u{e9}".as_bytes()));
    }

    #[test]
    fn errors_tell_the_place_inside_the_pattern() {
        for (pattern, start, end, part) in [
            ("^/(a", 2, 3, "unclosed group"),
            ("a{2,1}", 1, 6, "repetition"),
            ("a[z-a]", 2, 5, "range"),
            ("a(?=b)", 1, 4, "look-around"),
            ("(a)\\1", 3, 5, "backreferences"),
            ("*", 0, 0, "repetition"),
            ("\\p{Greek}", 0, 9, "Unicode not allowed"),
            ("[\u{e9}]", 1, 3, "Unicode not allowed"),
        ] {
            let problem = for_path(pattern).unwrap_err();
            assert_eq!(problem.rule, FindingRule::InvalidRegexp);
            assert_eq!(problem.within, Some(Place { start, end }), "{pattern}");
            assert!(problem.message.contains(part), "{pattern}: {}", problem.message);
        }
        let problem = for_path("\u{8}foo").unwrap_err();
        assert!(problem.hint.unwrap().contains("single quotes"));
        assert!(for_path("(?=a)").unwrap_err().hint.is_some());
        assert!(for_path("\\p{Greek}").unwrap_err().hint.unwrap().contains("byte by byte"));
        assert!(for_host("\\p{Greek}").is_ok());
    }

    #[test]
    fn regexps_stay_small() {
        assert!(for_path(&"a".repeat(bounds::REGEXP_LENGTH)).is_ok());
        for pattern in ["a".repeat(bounds::REGEXP_LENGTH + 1), "(?:\\w{1000}){100}".to_owned()] {
            assert_eq!(for_path(&pattern).unwrap_err().rule, FindingRule::RegexpTooLarge);
            assert_eq!(for_host(&pattern).unwrap_err().rule, FindingRule::RegexpTooLarge);
        }
    }

    #[test]
    fn a_host_matches_whole_whatever_the_case() {
        let regexp = for_host("a|shop[0-9]+\\.example\\.com").unwrap();
        assert!(regexp.is_match("Shop1.example.COM"));
        for other in ["ab", "xa", "shop1.example.com.evil", "shop1.example.com\n"] {
            assert!(!regexp.is_match(other), "{other}");
        }
        assert!(for_host("(").is_err());
        // Closing the group that is put around the pattern must not get out of it.
        assert!(for_host("a)|(?:b").is_err());
    }

    #[test]
    fn extensions_that_are_not_anchored() {
        for (pattern, anchored) in [
            ("(\\.png|\\.gif|\\.jpg)", Some("(\\.png|\\.gif|\\.jpg)$")),
            ("\\.png|\\.gif", Some("(\\.png|\\.gif)$")),
            ("\\.png", Some("\\.png$")),
            ("[.]png", Some("[.]png$")),
            ("\\.(png|gif)", Some("\\.(png|gif)$")),
            ("\\.(?:png|gif)", Some("\\.(?:png|gif)$")),
            ("\\.[a-z]+", Some("\\.[a-z]+$")),
            ("(?i)\\.png", Some("(?i)\\.png$")),
            ("^/x|\\.png", Some("(^/x|\\.png)$")),
            ("(\\.png|\\.gif|\\.jpg)$", None),
            ("^/static/.*\\.png", None),
            ("\\.png\\z", None),
            ("/foo", None),
            (".png", None),
            ("\\./", None),
            ("\\.", None),
        ] {
            assert_eq!(anchored_extension(pattern).as_deref(), anchored, "{pattern}");
        }
    }
}
