//! The page of the demo application.

use std::fmt::Write;

use http::{HeaderName, HeaderValue, Response};
use serde_json::{Map, Value};

use crate::demo::demo_body::DemoBody;
use crate::demo::html::Escaped;
use crate::demo::keepers::Keepers;
use crate::demo::links::Links;
use crate::demo::outcome;

/// What stands on the page.
pub(crate) struct Page<'p> {
    pub(crate) count: i64,
    pub(crate) server: &'p str,
    pub(crate) session: &'p str,
    pub(crate) keepers: Keepers<'p>,
    pub(crate) attributes: &'p Map<String, Value>,
    pub(crate) links: Links,
}

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = include_str!("page.css");

impl Page<'_> {
    /// As an answer.
    pub(crate) fn answer(&self) -> Response<DemoBody> {
        let mut answer = outcome::html(self.text());
        let name = HeaderName::from_static("content-security-policy");
        let policy = HeaderValue::from_static(POLICY);
        answer.headers_mut().insert(name, policy);
        answer
    }

    fn text(&self) -> String {
        let rows = self.rows();
        let Keepers { owner, backup, third } = self.keepers;
        let [owner, backup, third] = [owner, backup, third].map(|id| Escaped(id.unwrap_or("–")));
        format!(
            r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Copal demo: visit {count}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>Copal</h1>
<p class="lead">This is visit <strong id="count">{count}</strong>, answered by <code id="server">{server}</code>.</p>
<p><a class="button" id="again" href="{again}">Visit again</a></p>
<h2>Session</h2>
<p><code id="session">{session}</code></p>
<dl>
<dt>Owner</dt><dd id="owner">{owner}</dd>
<dt>Backup</dt><dd id="backup">{backup}</dd>
<dt>Third</dt><dd id="third">{third}</dd>
</dl>
<p class="hint">The first three letters of the id name these servers. Stop the owner: the next visit is answered by another one.</p>
<h2>Attributes</h2>
<table id="attributes"><tbody>
{rows}</tbody></table>
<form id="attribute-form" method="post" action="{form}">
<input name="name" placeholder="name" aria-label="name" required maxlength="100">
<input name="value" placeholder="value, or nothing to remove" aria-label="value" maxlength="1000">
<button>Set</button>
</form>
<div class="row">
<form id="rotate" method="post" action="{rotate}"><button title="New id, same session">Rotate id</button></form>
<form id="logout" method="post" action="{logout}"><button class="danger">Log out</button></form>
</div>
</main>
</body>
</html>
"#,
            count = self.count,
            server = Escaped(self.server),
            session = Escaped(self.session),
            again = Escaped(&self.links.again),
            form = Escaped(&self.links.form),
            rotate = Escaped(&self.links.rotate),
            logout = Escaped(&self.links.logout),
        )
    }

    fn rows(&self) -> String {
        let mut rows = String::new();
        for (name, value) in self.attributes {
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let (name, value) = (Escaped(name), Escaped(&value));
            // Writing into a String cannot fail.
            let _ = writeln!(rows, "<tr><th>{name}</th><td>{value}</td></tr>");
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_escaped() {
        let mut attributes = Map::new();
        attributes.insert("<b>".to_owned(), Value::from("</td><script>"));
        let page = Page {
            count: 3,
            server: "app-a",
            session: "abc0123456789",
            keepers: Keepers { owner: Some("app-a"), backup: Some("app-b"), third: None },
            attributes: &attributes,
            links: Links {
                again: "/a\"b/".into(),
                form: "/a\"b/session/form".into(),
                rotate: "/a\"b/session/rotate".into(),
                logout: "/a\"b/session/logout".into(),
            },
        };
        let text = page.text();
        for part in [
            "<strong id=\"count\">3</strong>",
            "<code id=\"server\">app-a</code>",
            "<code id=\"session\">abc0123456789</code>",
            "<dd id=\"third\">–</dd>",
            "<th>&lt;b&gt;</th><td>&lt;/td&gt;&lt;script&gt;</td>",
            "action=\"/a&quot;b/session/rotate\"",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        assert!(!text.contains("<script"), "{text}");
    }
}
