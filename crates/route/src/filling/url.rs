//! A URL that is written piece by piece.

use crate::escape;
use crate::filling::place::Place;

/// A URL that is written piece by piece; every piece is made safe for the place where it lands.
#[derive(Debug, Default)]
pub(super) struct Url {
    place: Place,
    /// `https://host:port` or `//host`; empty for a path on the same host.
    front: Vec<u8>,
    path: Vec<u8>,
    query: Option<Vec<u8>>,
    fragment: Vec<u8>,
}

impl Url {
    /// Where the next byte goes.
    pub(super) const fn place(&self) -> Place {
        self.place
    }

    /// Adds text of the template. What is no visible ASCII is escaped; escapes in it stand.
    pub(super) fn push_text(&mut self, text: &str) {
        let mut text = text.as_bytes();
        if self.is_empty() {
            let (front, rest) = split_front(text);
            self.front.extend_from_slice(front);
            text = rest;
            if !front.is_empty() {
                self.place = Place::Host;
            }
        }
        for &byte in text {
            let before = self.place;
            self.place = before.after(byte);
            match self.place {
                Place::Query if before != Place::Query => self.query = Some(Vec::new()),
                _ => escape::push_all(self.current(), &[byte], escape::is_visible),
            }
        }
    }

    /// Adds the request's host name; `None` when it is empty or has a byte that no name has.
    pub(super) fn push_host(&mut self, host: &[u8]) -> Option<()> {
        let good = |byte: &u8| escape::is_unreserved(*byte) || matches!(byte, b':' | b'[' | b']');
        if host.is_empty() || !host.iter().all(good) {
            return None;
        }
        self.current().extend_from_slice(host);
        Some(())
    }

    /// Adds the request's path, which is encoded already.
    pub(super) fn push_path(&mut self, path: &[u8]) {
        if self.place == Place::Host {
            self.place = Place::Path;
        }
        if self.place == Place::Path {
            self.path.extend_from_slice(path);
        } else {
            self.push_value(path);
        }
    }

    /// Adds the request's query.
    pub(super) fn push_query(&mut self, query: &[u8]) {
        if self.place == Place::Query {
            push_query_bytes(self.current(), query);
        } else {
            self.push_value(query);
        }
    }

    /// Adds the decoded text of a group. Where the template's text has named a whole host before
    /// it and the host part `ends` with it, it belongs to the path.
    pub(super) fn push_group(&mut self, value: &[u8], ends: bool) {
        let whole = self.front.last().is_some_and(|last| last.is_ascii_alphanumeric());
        if ends && (whole || self.front.ends_with(b"]")) {
            self.place = Place::Path;
        }
        self.push_value(value);
    }

    /// The whole, as the value of `Location`; `query` is added when there is none in it.
    pub(super) fn location(self, query: Option<&[u8]>) -> Vec<u8> {
        let Self { mut front, path, query: own, fragment, .. } = self;
        push_rooted(&mut front, &path);
        let query = own.as_deref().or(query);
        if let Some(query) = query {
            front.push(b'?');
            push_query_bytes(&mut front, query);
        }
        front.extend_from_slice(&fragment);
        front
    }

    /// Path and query; `None` when it names a host or a fragment.
    pub(super) fn path_and_query(self) -> Option<(Vec<u8>, Option<Vec<u8>>)> {
        if !self.front.is_empty() || !self.fragment.is_empty() {
            return None;
        }
        let mut path = Vec::with_capacity(self.path.len());
        push_rooted(&mut path, &self.path);
        Some((path, self.query))
    }

    fn push_value(&mut self, value: &[u8]) {
        let place = self.place;
        escape::push_all(self.current(), value, |byte| place.holds(byte));
    }

    fn is_empty(&self) -> bool {
        self.front.is_empty() && self.path.is_empty() && self.query.is_none()
    }

    fn current(&mut self) -> &mut Vec<u8> {
        match self.place {
            Place::Host => &mut self.front,
            Place::Path => &mut self.path,
            Place::Query => self.query.get_or_insert_default(),
            Place::Fragment => &mut self.fragment,
        }
    }
}

/// `scheme://` or `//` at the beginning of a template, and the rest.
fn split_front(text: &[u8]) -> (&[u8], &[u8]) {
    let scheme = text.iter().position(|byte| !is_scheme_byte(*byte)).unwrap_or(text.len());
    let after = text.get(scheme..).unwrap_or_default();
    let slashes = if scheme == 0 { 2 } else { 3 };
    if after.starts_with(b"://") && scheme > 0 || after.starts_with(b"//") && scheme == 0 {
        return text.split_at_checked(scheme + slashes).unwrap_or((b"", text));
    }
    (b"", text)
}

fn is_scheme_byte(byte: u8) -> bool {
    // RFC 3986, 3.1: "scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )"
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// Adds `path` with exactly one slash at its beginning: with two, a browser reads a host.
fn push_rooted(out: &mut Vec<u8>, path: &[u8]) {
    let names = path.iter().position(|byte| *byte != b'/').unwrap_or(path.len());
    out.push(b'/');
    out.extend_from_slice(path.get(names..).unwrap_or_default());
}

/// Adds a query as received, fit for a header field and without an end of its own.
fn push_query_bytes(out: &mut Vec<u8>, query: &[u8]) {
    escape::push_all(out, query, |byte| byte != b'#' && escape::is_visible(byte));
}
