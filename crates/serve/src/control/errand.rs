//! What a request asks for, by its method and path.

use copal_protocol::state::Wish;

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Errand<'r> {
    Health,
    Ready,
    Metrics,
    Status,
    Reload,
    Wish { server: &'r str, wish: Wish },
}

/// A request that asks for nothing that there is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// There is no such path.
    Path,
    /// The last part of the path is no wish.
    Wish,
    /// The path is for other methods.
    Method { allow: &'static str },
}

const LOOKING: &str = "GET, HEAD";
const CHANGING: &str = "POST";

impl<'r> Errand<'r> {
    pub(crate) fn of(method: &str, path: &'r str) -> Result<Self, Lost> {
        let (errand, allow) = match path {
            "/health" => (Self::Health, LOOKING),
            "/ready" => (Self::Ready, LOOKING),
            "/metrics" => (Self::Metrics, LOOKING),
            "/status" => (Self::Status, LOOKING),
            "/reload" => (Self::Reload, CHANGING),
            _ => (Self::wish(path)?, CHANGING),
        };
        let allowed = allow.split(", ").any(|allowed| allowed == method);
        if allowed { Ok(errand) } else { Err(Lost::Method { allow }) }
    }

    fn wish(path: &'r str) -> Result<Self, Lost> {
        let rest = path.strip_prefix("/servers/").ok_or(Lost::Path)?;
        let (server, word) = rest.split_once('/').ok_or(Lost::Path)?;
        if server.is_empty() || word.contains('/') {
            return Err(Lost::Path);
        }
        let wish = Wish::parse(word).ok_or(Lost::Wish)?;
        Ok(Self::Wish { server, wish })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn method_and_path_are_one_errand_or_none() {
        let drain = Errand::Wish { server: "app-a", wish: Wish::Drain };
        let look = || Err(Lost::Method { allow: "GET, HEAD" });
        let change = || Err(Lost::Method { allow: "POST" });
        let table = [
            ("GET", "/health", Ok(Errand::Health)),
            ("HEAD", "/health", Ok(Errand::Health)),
            ("GET", "/ready", Ok(Errand::Ready)),
            ("GET", "/metrics", Ok(Errand::Metrics)),
            ("GET", "/status", Ok(Errand::Status)),
            ("POST", "/status", look()),
            ("OPTIONS", "/health", look()),
            ("get", "/health", look()),
            ("GET, HEAD", "/health", look()),
            ("POST", "/reload", Ok(Errand::Reload)),
            ("GET", "/reload", change()),
            ("POST", "/servers/app-a/drain", Ok(drain)),
            ("GET", "/servers/app-a/drain", change()),
            ("POST", "/servers/app-a/Drain", Err(Lost::Wish)),
            ("POST", "/servers/app-a/ready", Err(Lost::Wish)),
            ("POST", "/servers/app-a/", Err(Lost::Wish)),
            ("POST", "/servers/app-a", Err(Lost::Path)),
            ("POST", "/servers//drain", Err(Lost::Path)),
            ("POST", "/servers/a/b/drain", Err(Lost::Path)),
            ("GET", "/", Err(Lost::Path)),
            ("GET", "/health/", Err(Lost::Path)),
            ("GET", "/HEALTH", Err(Lost::Path)),
            ("GET", "*", Err(Lost::Path)),
        ];
        for (method, path, expected) in table {
            assert_eq!(Errand::of(method, path), expected, "{method} {path}");
        }
    }
}
