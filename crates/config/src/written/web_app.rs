//! A `web-app` as it was written.

use crate::finding_rule::FindingRule;
use crate::place::Place;
use crate::written::leaf::Leaf;
use crate::written::name::plain_name;
use crate::written::problem::Problem;
use crate::written::quote::quoted;
use crate::written::section::Section;
use crate::written::session_config::WrittenSessionConfig;
use crate::written::table::Table;

/// A `web-app` as it was written.
pub(crate) struct WrittenWebApp {
    pub(crate) place: Place,
    pub(crate) path: Leaf<String>,
    pub(crate) root: Leaf<String>,
    pub(crate) app: Leaf<String>,
    pub(crate) session_config: Option<WrittenSessionConfig>,
}

impl WrittenWebApp {
    /// Reads the web-apps of a cluster's default host or of a host.
    pub(crate) fn read_all(parent: &Table<'_>) -> Vec<Self> {
        parent.tables("web-app", Section::WebApp).into_iter().map(Self::read).collect()
    }

    fn read(table: Table<'_>) -> Self {
        let read = Self {
            place: table.place,
            path: table.parsed("path", web_app_path),
            root: table.parsed("root", file_name),
            app: table.parsed("app", |text| {
                plain_name(text, "the name of an application", FindingRule::InvalidAppName)
            }),
            session_config: WrittenSessionConfig::read(&table),
        };
        table.finish();
        read
    }
}

/// Reads a context path: in the normal form, in which requests are compared with it.
fn web_app_path(text: &str) -> Result<String, Problem> {
    let wrong = |reason: &str| {
        let message = format!("{} is not the path of a web-app: {reason}", quoted(text));
        Problem::new(FindingRule::InvalidPath, message)
    };
    if text == "/" {
        return Ok(text.to_owned());
    }
    let Some(inside) = text.strip_prefix('/') else {
        let hint = format!("did you mean \"/{}\"?", text.trim_end_matches('/').escape_debug());
        return Err(wrong("it does not begin with `/`").hint(hint));
    };
    let unwanted = [
        (';', "it has a `;`, which begins a parameter"),
        ('?', "it has a `?`, which begins a query"),
        ('#', "it has a `#`, which begins a fragment"),
        ('\\', "it has a `\\`"),
        ('%', "it has a `%`; it is compared with the decoded path, so write the character itself"),
        ('*', "it has a `*`; everything below a web-app's path belongs to it anyway"),
    ];
    for (c, reason) in unwanted {
        if let Some(at) = text.find(c) {
            return Err(wrong(reason).within(at, at + 1));
        }
    }
    if let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_control()) {
        return Err(wrong("it has a control character").within(at, at + c.len_utf8()));
    }
    if let Some(short) = inside.strip_suffix('/').filter(|inside| !inside.ends_with('/')) {
        let hint = format!("write \"/{}\"", short.escape_debug());
        return Err(wrong("it ends with `/`").hint(hint));
    }
    if inside.split('/').any(|segment| ["", ".", ".."].contains(&segment)) {
        return Err(wrong("no normal path has `//`, `/./` or `/../`"));
    }
    Ok(text.to_owned())
}

/// Reads the name of a file or folder.
pub(crate) fn file_name(text: &str) -> Result<String, Problem> {
    if text.is_empty() || text.contains('\0') {
        let message = format!("{} is not the name of a file or folder", quoted(text));
        return Err(Problem::new(FindingRule::InvalidFile, message));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_web_apps() {
        for good in ["/", "/shop", "/a/b", "/a.b", "/...", "/ä ö", "/a..b"] {
            assert_eq!(web_app_path(good).unwrap(), good);
        }
        for (bad, part) in [
            ("", "does not begin with `/`"),
            ("shop", "does not begin with `/`"),
            ("/shop/", "ends with `/`"),
            ("//", "ends with `/`"),
            ("/a//b", "no normal path"),
            ("/a//", "no normal path"),
            ("/./a", "no normal path"),
            ("/a/..", "no normal path"),
            ("/a;b", "begins a parameter"),
            ("/a?b", "begins a query"),
            ("/a#b", "begins a fragment"),
            ("/a%20b", "the character itself"),
            ("/a\\b", "`\\`"),
            ("/a/*", "belongs to it anyway"),
            ("/a\nb", "control character"),
        ] {
            let problem = web_app_path(bad).unwrap_err();
            assert!(problem.message.contains(part), "{bad}: {}", problem.message);
        }
        assert_eq!(web_app_path("/shop/").unwrap_err().hint.unwrap(), "write \"/shop\"");
        assert_eq!(web_app_path("shop/").unwrap_err().hint.unwrap(), "did you mean \"/shop\"?");
    }
}
