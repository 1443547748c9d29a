//! Targets of rules, with the places that are filled in for each request.

use regex::bytes::Regex;

use crate::finding_rule::FindingRule;
use crate::template::{Part, Template};
use crate::written::duration::split;
use crate::written::nearest::nearest;
use crate::written::problem::Problem;
use crate::written::quote::quoted;

/// The groups that a target may name.
#[derive(Clone, Copy)]
pub(crate) enum Groups<'r> {
    /// Those of the rule's regexp.
    Of(&'r Regex),
    /// The rule has no regexp.
    None,
    /// The regexp is broken; anything goes.
    Unknown,
}

/// What a target is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Another path on this server.
    Dispatch,
    /// A path or URL that the client is sent to.
    Redirect,
}

/// Reads a target; adds everything that is wrong with it to `problems`.
pub(crate) fn target(
    text: &str,
    purpose: Purpose,
    groups: Groups<'_>,
    problems: &mut Vec<Problem>,
) -> Template {
    problems.extend(bad_form(text, purpose));
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        plain.push_str(before);
        let start = text.len() - after.len() - 1;
        rest = if let Some(after) = after.strip_prefix('$') {
            plain.push('$');
            after
        } else {
            match placeholder(after, groups) {
                Ok((part, after)) => {
                    if !plain.is_empty() {
                        parts.push(Part::Text(std::mem::take(&mut plain)));
                    }
                    parts.push(part);
                    after
                }
                Err((problem, length)) => {
                    problems.push(problem.within(start, start + 1 + length));
                    after.get(length..).unwrap_or_default()
                }
            }
        };
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Text(plain));
    }
    Template { parts }
}

/// What stands after a dollar, and the rest; or the problem and how many bytes it takes.
fn placeholder<'t>(
    after: &'t str,
    groups: Groups<'_>,
) -> Result<(Part, &'t str), (Problem, usize)> {
    let invalid = |message: &str| Problem::new(FindingRule::InvalidTarget, message);
    if let Some(inside) = after.strip_prefix('{') {
        let Some((name, rest)) = inside.split_once('}') else {
            return Err((invalid("`${` without `}`"), after.len()));
        };
        let part = match name {
            "host" => Part::Host,
            "path" => Part::Path,
            "query" => Part::Query,
            name => group(name, groups).map_err(|problem| (problem, name.len() + 2))?,
        };
        return Ok((part, rest));
    }
    let (digits, after_digits) = split(after, u8::is_ascii_digit);
    let (name, rest) = if digits.is_empty() {
        split(after, |byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    } else {
        (digits, after_digits)
    };
    if name.is_empty() {
        let problem = invalid("a `$` that stands for nothing");
        return Err((problem.hint("write `$$` for a dollar, `$1` or `${name}` for a group"), 0));
    }
    let part = group(name, groups).map_err(|problem| (problem, name.len()))?;
    Ok((part, rest))
}

/// The group with a number or a name.
fn group(name: &str, groups: Groups<'_>) -> Result<Part, Problem> {
    let unknown = |message: String| Problem::new(FindingRule::UnknownGroup, message);
    let regexp = match groups {
        Groups::Of(regexp) => regexp,
        Groups::Unknown => return Ok(Part::Group(0)),
        Groups::None if ["host", "path", "query"].contains(&name) => {
            return Err(unknown(format!("`${name}` would be a group, and the rule has no regexp"))
                .hint(format!("write `${{{name}}}` for the request's {name}")));
        }
        Groups::None => {
            return Err(unknown(format!(
                "there is no group {}: the rule has no regexp",
                quoted(name)
            )));
        }
    };
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = name.parse::<usize>().ok().filter(|number| *number < regexp.captures_len());
        let last = regexp.captures_len().saturating_sub(1);
        return number.map(Part::Group).ok_or_else(|| {
            unknown(format!("there is no group {name}: the regexp has groups 0 to {last}"))
                .hint("`$0` is all that matched; `(…)` in the regexp makes the next group")
        });
    }
    let number = regexp.capture_names().position(|known| known == Some(name));
    number.map(Part::Group).ok_or_else(|| {
        let mut problem = unknown(format!("the regexp has no group named {}", quoted(name)));
        let known = regexp.capture_names().flatten().chain(["host", "path", "query"]);
        problem.hint = nearest(name, known).map(|near| format!("did you mean `${{{near}}}`?"));
        problem
    })
}

/// What is wrong with the target before its placeholders are looked at.
fn bad_form(text: &str, purpose: Purpose) -> Vec<Problem> {
    let mut problems = Vec::new();
    let begins = match purpose {
        Purpose::Dispatch => text.starts_with('/'),
        Purpose::Redirect => text.starts_with('/') || text.starts_with("${") || has_scheme(text),
    };
    if !begins {
        let (message, hint) = match purpose {
            Purpose::Dispatch => {
                (format!("the target {} is not a path", quoted(text)), "a path begins with `/`")
            }
            Purpose::Redirect => (
                format!("the target {} is neither a path nor a URL", quoted(text)),
                "it begins with `/`, with a scheme such as `https://`, or with `${`",
            ),
        };
        problems.push(Problem::new(FindingRule::InvalidTarget, message).hint(hint));
    }
    let bad = |c: char| !c.is_ascii_graphic() || (c == '#' && purpose == Purpose::Dispatch);
    if let Some((at, c)) = text.char_indices().find(|(_, c)| bad(*c)) {
        let message = format!("{} cannot stand in a target", quoted(&c.to_string()));
        let problem = Problem::new(FindingRule::InvalidTarget, message)
            .hint("write it percent-encoded, as it is sent: a space is `%20`")
            .within(at, at + c.len_utf8());
        problems.push(problem);
    }
    problems
}

/// RFC 3986, 3.1: "scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )"
fn has_scheme(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    #[test]
    fn targets_that_are_read() {
        let regexp = Regex::new("^/(a)(?<rest>.*)(?<rest_2>b)?").unwrap();
        for (written, parts) in [
            ("/", vec![text("/")]),
            ("/x$1/y", vec![text("/x"), Part::Group(1), text("/y")]),
            ("/$0", vec![text("/"), Part::Group(0)]),
            ("/$1x", vec![text("/"), Part::Group(1), text("x")]),
            ("/${1}1", vec![text("/"), Part::Group(1), text("1")]),
            ("/$rest", vec![text("/"), Part::Group(2)]),
            ("/$rest_2", vec![text("/"), Part::Group(3)]),
            ("/${rest}_2", vec![text("/"), Part::Group(2), text("_2")]),
            ("/$rest-$1", vec![text("/"), Part::Group(2), text("-"), Part::Group(1)]),
            ("/$$1", vec![text("/$1")]),
            ("/a$$$1", vec![text("/a$"), Part::Group(1)]),
            (
                "/${host}${path}?${query}",
                vec![text("/"), Part::Host, Part::Path, text("?"), Part::Query],
            ),
        ] {
            let mut problems = Vec::new();
            let template = target(written, Purpose::Dispatch, Groups::Of(&regexp), &mut problems);
            assert_eq!(problems, [], "{written}");
            assert_eq!(template.parts, parts, "{written}");
        }
    }

    #[test]
    fn redirects_may_be_urls() {
        for (written, good) in [
            ("/x", true),
            ("https://${host}${path}", true),
            ("ht+t-p.1://x", true),
            ("${path}", true),
            ("x", false),
            ("", false),
            ("://x", false),
            ("1http://x", false),
            ("$1://x", false),
        ] {
            let mut problems = Vec::new();
            target(written, Purpose::Redirect, Groups::Unknown, &mut problems);
            assert_eq!(problems.is_empty(), good, "{written}: {problems:?}");
            target(written, Purpose::Dispatch, Groups::Unknown, &mut problems);
            assert_eq!(problems.is_empty(), written.starts_with('/'), "{written}");
        }
    }

    /// Target, whether there is a regexp, start and end of what is wrong, the rule, the hint.
    const BROKEN: &[(&str, bool, usize, usize, FindingRule, &str)] = &[
        ("/$2", true, 1, 3, FindingRule::UnknownGroup, "`$0` is all"),
        ("/$99999999999999999999", true, 1, 22, FindingRule::UnknownGroup, "`$0` is all"),
        ("/$nama", true, 1, 6, FindingRule::UnknownGroup, "did you mean `${name}`?"),
        ("/${nama}x", true, 1, 8, FindingRule::UnknownGroup, "did you mean `${name}`?"),
        ("/${hots}", true, 1, 8, FindingRule::UnknownGroup, "did you mean `${host}`?"),
        ("/${}", true, 1, 4, FindingRule::UnknownGroup, ""),
        ("/${name", true, 1, 7, FindingRule::InvalidTarget, ""),
        ("/a$", true, 2, 3, FindingRule::InvalidTarget, "`$$`"),
        ("/$/a", true, 1, 2, FindingRule::InvalidTarget, "`$$`"),
        ("/$ä", false, 2, 4, FindingRule::InvalidTarget, "percent-encoded"),
        ("/$0", false, 1, 3, FindingRule::UnknownGroup, ""),
        ("/$path", false, 1, 6, FindingRule::UnknownGroup, "write `${path}`"),
        ("/a b", true, 2, 3, FindingRule::InvalidTarget, "%20"),
        ("/a\r\nb", true, 2, 3, FindingRule::InvalidTarget, "percent-encoded"),
        ("/a#b", true, 2, 3, FindingRule::InvalidTarget, "percent-encoded"),
    ];

    #[test]
    fn everything_that_is_wrong_is_found_with_its_place() {
        let regexp = Regex::new("(?<name>a)").unwrap();
        let groups = Groups::Of(&regexp);
        for (written, has_regexp, start, end, rule, hint) in BROKEN {
            let mut problems = Vec::new();
            let groups = if *has_regexp { groups } else { Groups::None };
            target(written, Purpose::Dispatch, groups, &mut problems);
            let problem = problems.first().unwrap();
            assert_eq!(problem.rule, *rule, "{written}");
            assert_eq!(problem.within, Some(Place { start: *start, end: *end }), "{written}");
            assert!(problem.hint.clone().unwrap_or_default().contains(hint), "{written}");
        }
        let mut problems = Vec::new();
        target("x$7 $nope$", Purpose::Dispatch, groups, &mut problems);
        assert_eq!(problems.len(), 5);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[/${}a-z0-9ä]*") {
            let mut problems = Vec::new();
            target(&text, Purpose::Redirect, Groups::None, &mut problems);
        }
    }
}
