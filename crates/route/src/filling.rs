//! A rule's target, filled in for one request.

use copal_config::template::{Part, Template};
use regex::bytes::{Captures, Regex};

use crate::authority;
use crate::request::Request;
use place::Place;
use url::Url;

mod place;
mod url;

/// The value of `Location` that `template` gives. The request's query is added unless the
/// template has one.
///
/// What the client sent never decides to which host a target leads whose own text names no host
/// or a whole one: leading slashes become one, and a group behind a host begins the path.
///
/// `None` when the template wants the request's host and the request has no usable one.
#[must_use]
pub fn location(
    template: &Template,
    regexp: Option<&Regex>,
    request: &Request<'_>,
) -> Option<Vec<u8>> {
    Some(fill(template, regexp, request)?.location(request.query))
}

/// The path, not yet in normal form, and the query that `template` gives; the request's query is
/// kept unless the template has one.
///
/// `None` when the path names a host, or has a dot segment: a group must not lead out of
/// the folder that the template names.
#[must_use]
pub fn own_path(
    template: &Template,
    regexp: Option<&Regex>,
    request: &Request<'_>,
) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
    let (path, query) = fill(template, regexp, request)?.path_and_query()?;
    let mut names = path.split(|byte| *byte == b'/');
    if names.any(|name| matches!(name, b"." | b"..")) {
        return None;
    }
    Some((path, query.or_else(|| request.query.map(<[u8]>::to_vec))))
}

fn fill(template: &Template, regexp: Option<&Regex>, request: &Request<'_>) -> Option<Url> {
    let captures = groups(template, regexp, request);
    let mut url = Url::default();
    let mut parts = template.parts.iter().peekable();
    while let Some(part) = parts.next() {
        match part {
            Part::Text(text) => url.push_text(text),
            Part::Host => url.push_host(authority::host_name(request.authority))?,
            Part::Path => url.push_path(&request.path.without_session()),
            Part::Query => url.push_query(request.query.unwrap_or_default()),
            Part::Group(number) => {
                let captures = captures.as_ref();
                let group = captures.and_then(|captures| captures.get(*number));
                let value = group.map(|group| group.as_bytes()).unwrap_or_default();
                let ends_host = url.place() == Place::Host && ends_host(parts.peek().copied());
                url.push_group(value, ends_host);
            }
        }
    }
    Some(url)
}

/// The groups of the rule's match, looked for only when the template uses one.
fn groups<'r>(
    template: &Template,
    regexp: Option<&Regex>,
    request: &Request<'r>,
) -> Option<Captures<'r>> {
    let wanted = template.parts.iter().any(|part| matches!(part, Part::Group(_)));
    regexp.filter(|_| wanted)?.captures(request.path.text())
}

/// Whether the host part of a target ends before `next`.
fn ends_host(next: Option<&Part>) -> bool {
    match next {
        None | Some(Part::Group(_) | Part::Path | Part::Query) => true,
        Some(Part::Text(text)) => matches!(text.as_bytes(), [b'/' | b'?' | b'#', ..]),
        Some(Part::Host) => false,
    }
}
