//! Media types by the ends of file names.

/// What a file is when its name does not say.
const UNKNOWN: &str = "application/octet-stream";

/// Ends of names, lower case, and their types.
#[rustfmt::skip]
const TYPES: &[(&str, &str)] = &[
    ("html",        "text/html; charset=utf-8"),
    ("css",         "text/css; charset=utf-8"),
    ("js",          "text/javascript; charset=utf-8"),
    ("png",         "image/png"),
    ("jpg",         "image/jpeg"),
    ("svg",         "image/svg+xml"),
    ("ico",         "image/x-icon"),
    ("woff2",       "font/woff2"),
    ("json",        "application/json"),
    ("htm",         "text/html; charset=utf-8"),
    ("mjs",         "text/javascript; charset=utf-8"),
    ("txt",         "text/plain; charset=utf-8"),
    ("md",          "text/markdown; charset=utf-8"),
    ("csv",         "text/csv; charset=utf-8"),
    ("xml",         "text/xml; charset=utf-8"),
    ("xhtml",       "application/xhtml+xml"),
    ("map",         "application/json"),
    ("webmanifest", "application/manifest+json"),
    ("wasm",        "application/wasm"),
    ("pdf",         "application/pdf"),
    ("zip",         "application/zip"),
    ("gz",          "application/gzip"),
    ("jpeg",        "image/jpeg"),
    ("gif",         "image/gif"),
    ("webp",        "image/webp"),
    ("avif",        "image/avif"),
    ("woff",        "font/woff"),
    ("ttf",         "font/ttf"),
    ("otf",         "font/otf"),
    ("mp3",         "audio/mpeg"),
    ("ogg",         "audio/ogg"),
    ("wav",         "audio/wav"),
    ("mp4",         "video/mp4"),
    ("webm",        "video/webm"),
];

/// The value of `Content-Type` for a file of this name.
#[must_use]
pub fn of(name: &[u8]) -> &'static str {
    let last = name.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let Some(dot) = last.iter().rposition(|byte| *byte == b'.') else {
        return UNKNOWN;
    };
    let end = last.get(dot + 1..).unwrap_or_default();
    let found = TYPES.iter().find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(end));
    found.map_or(UNKNOWN, |(_, media_type)| media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_end_of_the_last_name_counts() {
        #[rustfmt::skip]
        let cases = [
            // name             type
            ("index.html",      "text/html; charset=utf-8"),
            ("a/B.HTML",        "text/html; charset=utf-8"),
            ("a.png/b",         UNKNOWN),
            ("a.tar.gz",        "application/gzip"),
            ("a.js.png",        "image/png"),
            ("html",            UNKNOWN),
            ("a.",              UNKNOWN),
            ("a.html~",         UNKNOWN),
            ("",                UNKNOWN),
        ];
        for (name, media_type) in cases {
            assert_eq!(of(name.as_bytes()), media_type, "{name}");
        }
    }

    #[test]
    fn every_end_stands_once_in_lower_case() {
        for (at, (end, _)) in TYPES.iter().enumerate() {
            assert_eq!(*end, end.to_ascii_lowercase());
            assert!(TYPES[..at].iter().all(|(other, _)| other != end), "{end}");
        }
    }
}
