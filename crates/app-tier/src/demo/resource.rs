//! What a path of the demo application names.

use http::Method;

/// What a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource<'p> {
    Page,
    Counter,
    Session,
    Attribute(&'p str),
    Rotation,
    Form,
    Logout,
    Echo,
    Bytes(&'p str),
    Sleep(&'p str),
    Status(&'p str),
    Cache(&'p str),
    WebSocket,
}

impl<'p> Resource<'p> {
    /// What `path` names, if anything.
    pub(crate) fn at(path: &'p str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        let (first, rest) = match path.split_once('/') {
            Some((first, rest)) => (first, Some(rest)),
            None => (path, None),
        };
        let named = rest.filter(|rest| !rest.is_empty() && !rest.contains('/'));
        match (first, rest, named) {
            ("", None, _) => Some(Self::Page),
            ("counter", None, _) => Some(Self::Counter),
            ("session", None, _) => Some(Self::Session),
            ("session", _, Some("rotate")) => Some(Self::Rotation),
            ("session", _, Some("form")) => Some(Self::Form),
            ("session", _, Some("logout")) => Some(Self::Logout),
            ("session", _, Some(name)) => Some(Self::Attribute(name)),
            ("echo", _, _) => Some(Self::Echo),
            ("bytes", _, Some(count)) => Some(Self::Bytes(count)),
            ("sleep", _, Some(time)) => Some(Self::Sleep(time)),
            ("status", _, Some(code)) => Some(Self::Status(code)),
            ("cache", _, Some(seconds)) => Some(Self::Cache(seconds)),
            ("websocket", None, _) => Some(Self::WebSocket),
            _ => None,
        }
    }

    /// The methods that it has, as `Allow` lists them; `None` means any.
    pub(crate) fn allowed(self) -> Option<&'static str> {
        match self {
            Self::Echo => None,
            Self::Session => Some("GET, HEAD, DELETE"),
            Self::Attribute(_) => Some("PUT, DELETE"),
            Self::Rotation | Self::Form | Self::Logout => Some("POST"),
            Self::WebSocket => Some("GET"),
            _ => Some("GET, HEAD"),
        }
    }

    /// Whether it has this method.
    pub(crate) fn allows(self, method: &Method) -> bool {
        let has = |list: &str| list.split(", ").any(|name| name == method.as_str());
        self.allowed().is_none_or(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_the_table_says() {
        #[rustfmt::skip]
        let table = [
            ("/",               Some(Resource::Page)),
            ("/counter",        Some(Resource::Counter)),
            ("/counter/",       None),
            ("/session",        Some(Resource::Session)),
            ("/session/",       None),
            ("/session/colour", Some(Resource::Attribute("colour"))),
            ("/session/a/b",    None),
            ("/session/rotate", Some(Resource::Rotation)),
            ("/session/form",   Some(Resource::Form)),
            ("/session/logout", Some(Resource::Logout)),
            ("/echo",           Some(Resource::Echo)),
            ("/echo/",          Some(Resource::Echo)),
            ("/echo/a/b",       Some(Resource::Echo)),
            ("/echoes",         None),
            ("/bytes/5",        Some(Resource::Bytes("5"))),
            ("/bytes",          None),
            ("/sleep/5",        Some(Resource::Sleep("5"))),
            ("/status/404",     Some(Resource::Status("404"))),
            ("/cache/60",       Some(Resource::Cache("60"))),
            ("/websocket",      Some(Resource::WebSocket)),
            ("/other",          None),
            ("*",               None),
        ];
        for (path, resource) in table {
            assert_eq!(Resource::at(path), resource, "{path}");
        }
    }

    #[test]
    fn only_the_echo_has_every_method() {
        assert!(Resource::Echo.allows(&Method::from_bytes(b"BREW").unwrap()));
        assert!(Resource::Counter.allows(&Method::HEAD));
        assert!(!Resource::Counter.allows(&Method::POST));
        assert!(!Resource::Attribute("x").allows(&Method::GET));
    }
}
