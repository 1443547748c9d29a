//! A client with a cookie jar: one user of the application.

use std::collections::BTreeMap;

use crate::door::Door;
use crate::raw::{Raw, Trouble};
use crate::response::Response;

/// A client with a cookie jar that uses a connection for each request.
pub struct Visitor {
    door: Door,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// A visitor without cookies who comes in here.
    #[must_use]
    pub fn new(door: impl Into<Door>) -> Self {
        Self { door: door.into(), cookies: BTreeMap::new() }
    }

    /// The same visitor at another door.
    pub fn go_to(&mut self, door: impl Into<Door>) {
        self.door = door.into();
    }

    /// Puts a cookie into the jar.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// The response to a request without a body.
    ///
    /// # Panics
    /// When there is none.
    pub fn ask(&mut self, method: &str, path: &str) -> Response {
        self.send(method, path, &[], b"")
    }

    /// The response to GET.
    ///
    /// # Panics
    /// When there is none.
    pub fn get(&mut self, path: &str) -> Response {
        self.ask("GET", path)
    }

    /// The response to a request with these fields and this body.
    ///
    /// # Panics
    /// When there is none.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> Response {
        self.try_send(method, path, fields, body)
            .unwrap_or_else(|trouble| panic!("{method} {path}: {trouble}"))
    }

    /// The response, or why there is none.
    ///
    /// # Errors
    /// Why there is none.
    pub fn try_send(
        &mut self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Response, Trouble> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in fields {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.cookies.is_empty() {
            let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
            let pairs: Vec<String> = pairs.collect();
            head.push_str(&format!("Cookie: {}\r\n", pairs.join("; ")));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("Connection: close\r\n\r\n");
        let mut client = Raw::connect(self.door);
        client.send(head).send(body);
        let answer = if method == "HEAD" { client.response_to_head() } else { client.response() };
        if let Ok(response) = &answer {
            self.keep_cookies(response);
        }
        answer
    }

    fn keep_cookies(&mut self, response: &Response) {
        for cookie in response.values("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                panic!("not a cookie: {cookie:?}");
            };
            let gone = cookie.to_ascii_lowercase().contains("max-age=0") || value.is_empty();
            if gone {
                self.cookies.remove(name);
            } else {
                self.set_cookie(name, value);
            }
        }
    }
}
