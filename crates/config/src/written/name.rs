//! Names that servers, clusters, cookies and hosts are given.

use crate::finding_rule::FindingRule;
use crate::host::HostName;
use crate::written::address::is_host_name;
use crate::written::problem::Problem;
use crate::written::quote::quoted;

/// The form of server ids, cluster names and application names.
fn is_plain_name(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// Reads a server id, a cluster name or an application name, for which `rule` stands.
pub(crate) fn plain_name(text: &str, what: &str, rule: FindingRule) -> Result<String, Problem> {
    if is_plain_name(text) {
        return Ok(text.to_owned());
    }
    let message = format!("{} is not {what}", quoted(text));
    Err(Problem::new(rule, message)
        .hint("1 to 32 letters, digits, `-` and `_`; the first one is a letter or a digit"))
}

/// Reads a cookie's name.
pub(crate) fn cookie_name(text: &str) -> Result<String, Problem> {
    // RFC 6265, 4.1.1: "cookie-name = token"
    if (1..=64).contains(&text.len()) && text.bytes().all(is_token_byte) {
        return Ok(text.to_owned());
    }
    let message = format!("{} is not a cookie name", quoted(text));
    Err(Problem::new(FindingRule::InvalidCookie, message)
        .hint("1 to 64 letters, digits and any of !#$%&'*+-.^_`|~"))
}

fn is_token_byte(byte: u8) -> bool {
    // RFC 9110, 5.6.2: "tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^"
    // / "_" / "`" / "|" / "~" / DIGIT / ALPHA"
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Reads what begins the path parameter with the session id.
pub(crate) fn url_prefix(text: &str) -> Result<String, Problem> {
    let name = text.strip_prefix(';').and_then(|rest| rest.strip_suffix('='));
    // The unreserved characters of a URI, which nobody on the way encodes.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if name.is_some_and(|name| (1..=64).contains(&name.len()) && name.bytes().all(plain)) {
        return Ok(text.to_owned());
    }
    let message = format!("{} is not a session-url-prefix", quoted(text));
    Err(Problem::new(FindingRule::InvalidUrlPrefix, message)
        .hint("it is `;`, a name of letters, digits, `-`, `.`, `_` and `~`, and `=`, like \";jsessionid=\""))
}

/// Reads a virtual host's name.
pub(crate) fn host_name(text: &str) -> Result<HostName, Problem> {
    let lower = text.to_ascii_lowercase();
    if let Some(suffix) = lower.strip_prefix("*.").filter(|suffix| is_host_name(suffix)) {
        return Ok(HostName::Suffix(format!(".{suffix}")));
    }
    let bracketed = lower.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if is_host_name(&lower)
        || bracketed.is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok())
    {
        return Ok(HostName::Exact(lower));
    }
    let problem = Problem::new(
        FindingRule::InvalidHostName,
        format!("{} is not the name of a host", quoted(text)),
    );
    Err(match lower.rsplit_once(':') {
        Some((name, port)) if is_host_name(name) && port.parse::<u16>().is_ok() => {
            problem.hint(format!("ports do not count here: write \"{name}\""))
        }
        _ if lower.parse::<std::net::Ipv6Addr>().is_ok() => {
            problem.hint(format!("an IPv6 address stands in brackets here: \"[{lower}]\""))
        }
        _ => {
            problem.hint("write a host name, or `*.` and a host name; a pattern goes into `regexp`")
        }
    })
}

/// Reads a cookie's `Domain`.
pub(crate) fn cookie_domain(text: &str) -> Result<String, Problem> {
    // RFC 6265, 4.1.2.3: "a leading %x2E ("."), if present, is ignored"
    if is_host_name(text.strip_prefix('.').unwrap_or(text)) {
        return Ok(text.to_owned());
    }
    Err(Problem::new(
        FindingRule::InvalidCookie,
        format!("{} is not the domain of a cookie", quoted(text)),
    )
    .hint("a host name without a port, like \"example.com\""))
}

/// Reads a cookie's `Path`.
pub(crate) fn cookie_path(text: &str) -> Result<String, Problem> {
    // RFC 6265, 4.1.1: "path-value = <any CHAR except CTLs or ";">"
    let plain = |byte: u8| byte.is_ascii() && !byte.is_ascii_control() && byte != b';';
    if text.starts_with('/') && text.bytes().all(plain) {
        return Ok(text.to_owned());
    }
    let message = format!("{} is not the path of a cookie", quoted(text));
    Err(Problem::new(FindingRule::InvalidCookie, message)
        .hint("it begins with `/`, is ASCII and has no `;`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names() {
        let id = |text: &str| plain_name(text, "a server id", FindingRule::InvalidServerId);
        for good in ["a", "A", "0", "app-a", "a_b", "9-_", &"a".repeat(32)] {
            assert_eq!(id(good).unwrap(), good);
        }
        for bad in ["", "-a", "_a", "a.b", "a b", "ä", "a/b", &"a".repeat(33)] {
            assert_eq!(id(bad).unwrap_err().rule, FindingRule::InvalidServerId, "{bad}");
        }
    }

    #[test]
    fn cookie_parts() {
        for good in ["JSESSIONID", "a", "__Host-id", "!#$%&'*+-.^_`|~", &"a".repeat(64)] {
            assert_eq!(cookie_name(good).unwrap(), good);
        }
        for bad in ["", "a b", "a=b", "a;b", "a\"", "ä", "a\n", &"a".repeat(65)] {
            assert!(cookie_name(bad).is_err(), "{bad}");
        }
        assert!(cookie_domain("example.com").is_ok());
        assert!(cookie_domain(".example.com").is_ok());
        for bad in ["", ".", "example.com:80", "a b", "a;b"] {
            assert!(cookie_domain(bad).is_err(), "{bad}");
        }
        assert!(cookie_path("/").is_ok());
        assert!(cookie_path("/a b").is_ok());
        for bad in ["", "a", "/;", "/\n", "/ä"] {
            assert!(cookie_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn url_prefixes() {
        for good in [";jsessionid=", ";a=", ";A.b_c-d~=", &format!(";{}=", "a".repeat(64))] {
            assert_eq!(url_prefix(good).unwrap(), good);
        }
        for bad in [
            "",
            ";=",
            "jsessionid=",
            ";jsessionid",
            ";a/b=",
            ";a=b=",
            ";;a=",
            ";ä=",
            &format!(";{}=", "a".repeat(65)),
        ] {
            assert!(url_prefix(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn host_names() {
        let exact = |text: &str| HostName::Exact(text.to_owned());
        assert_eq!(host_name("Shop.Example.com").unwrap(), exact("shop.example.com"));
        assert_eq!(host_name("127.0.0.1").unwrap(), exact("127.0.0.1"));
        assert_eq!(host_name("[::1]").unwrap(), exact("[::1]"));
        assert_eq!(
            host_name("*.example.com").unwrap(),
            HostName::Suffix(".example.com".to_owned())
        );
        for (bad, hint) in [
            ("", "write a host name"),
            ("*", "write a host name"),
            ("*.", "write a host name"),
            ("a.*.b", "write a host name"),
            ("shop.example.com:8080", "write \"shop.example.com\""),
            ("::1", "\"[::1]\""),
            ("http://a", "write a host name"),
        ] {
            let problem = host_name(bad).unwrap_err();
            assert!(problem.hint.clone().unwrap().contains(hint), "{bad}: {:?}", problem.hint);
        }
    }
}
