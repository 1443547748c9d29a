//! Whether a client prefers a page to JSON.

use http::HeaderMap;
use http::header::ACCEPT;

/// Whether a client prefers HTML to JSON; one that does not care gets JSON.
pub(crate) fn prefers_html(fields: &HeaderMap) -> bool {
    let html = weight(fields, "text", "html");
    html > weight(fields, "application", "json")
}

/// How much a client wants a media type, from 0 to 1000.
///
/// RFC 9110, 12.5.1: "Media ranges can be overridden by more specific media ranges or specific
/// media types. If more than one media range applies to a given type, the most specific reference
/// has precedence."
fn weight(fields: &HeaderMap, kind: &str, subkind: &str) -> u32 {
    let values = fields.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(','));
    let weights = ranges.filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let (range_kind, range_subkind) = parts.next()?.split_once('/')?;
        let same = |range: &str, name: &str| range.eq_ignore_ascii_case(name);
        let precision = match (range_kind, range_subkind) {
            ("*", "*") => 0,
            (k, "*") if same(k, kind) => 1,
            (k, s) if same(k, kind) && same(s, subkind) => 2,
            _ => return None,
        };
        let quality = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
        });
        Some((precision, quality.map_or(Some(1000), thousandths)?))
    });
    // Of two equally precise ranges the one that is wanted more counts.
    weights.max().map_or(0, |(_, weight)| weight)
}

/// A weight like `0.8`; `None` when it is none.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = part.bytes().all(|byte| byte.is_ascii_digit());
    if part.len() > 3 || !digits {
        return None;
    }
    let part = format!("{part:0<3}").parse::<u32>().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_pages_and_tools_get_json() {
        #[rustfmt::skip]
        let table = [
            (None,                                                                             false),
            (Some("*/*"),                                                                      false),
            (Some("application/json"),                                                         false),
            (Some("text/html"),                                                                true),
            (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),          true),
            (Some("text/html;q=0.5, application/json"),                                        false),
            (Some("TEXT/HTML;Q=0.9, application/json;q=0.8"),                                  true),
            (Some("text/*;q=0.9, */*;q=0.5"),                                                  true),
            (Some("text/html;q=0"),                                                            false),
            (Some("text/html, application/json"),                                              false),
            (Some("nonsense"),                                                                 false),
            (Some("text/html;q=x"),                                                            false),
        ];
        for (accept, html) in table {
            let mut fields = HeaderMap::new();
            if let Some(accept) = accept {
                fields.insert(ACCEPT, accept.parse().unwrap());
            }
            assert_eq!(prefers_html(&fields), html, "{accept:?}");
        }
    }
}
