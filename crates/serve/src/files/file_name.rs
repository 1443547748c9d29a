//! Which decoded paths may name a file.

/// The file that stands for a folder.
const INDEX: &[u8] = b"index.html";

/// A name beneath a root: not empty unless the root itself is meant, no part of it empty, hidden
/// or a dot segment, no NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName {
    /// Relative to the root, without a slash at either end.
    pub relative: Vec<u8>,
    /// How it was asked for.
    pub asked: Asked,
}

/// How a name was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Without a slash at its end.
    Name,
    /// With one.
    Folder,
    /// The root itself, without one.
    Root,
}

impl FileName {
    /// The name that `path` means in a folder that stands at `context`; `None` when it may name
    /// nothing.
    #[must_use]
    pub fn new(context: &[u8], path: &[u8]) -> Option<Self> {
        let context = context.strip_suffix(b"/").unwrap_or(context);
        let rest = path.strip_prefix(context)?;
        if rest.is_empty() {
            return Some(Self { relative: Vec::new(), asked: Asked::Root });
        }
        let rest = rest.strip_prefix(b"/")?;
        let (relative, asked) = match rest.strip_suffix(b"/") {
            Some(folder) => (folder, Asked::Folder),
            None if rest.is_empty() => (rest, Asked::Folder),
            None => (rest, Asked::Name),
        };
        let root = rest.is_empty();
        let mut names = relative.split(|byte| *byte == b'/').enumerate();
        let good = root || names.all(|(depth, name)| may_name(depth, name));
        good.then(|| Self { relative: relative.to_vec(), asked })
    }

    /// The file that stands for the folder of this name.
    #[must_use]
    pub fn index(&self) -> Vec<u8> {
        if self.relative.is_empty() {
            return INDEX.to_vec();
        }
        [&self.relative, b"/".as_slice(), INDEX].concat()
    }
}

fn may_name(depth: usize, name: &[u8]) -> bool {
    match name {
        // RFC 8615, 3: "A well-known URI is a URI whose path component begins with the
        // characters "/.well-known/""
        b".well-known" => depth == 0,
        [] | [b'.', ..] => false,
        name => !name.contains(&0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_beneath_the_context_are_asked_for() {
        use Asked::{Folder, Name, Root};
        #[rustfmt::skip]
        let cases = [
            // context    path                  name
            ("/",         "/",                  Some(("", Folder))),
            ("/",         "/a",                 Some(("a", Name))),
            ("/",         "/a/b.c",             Some(("a/b.c", Name))),
            ("/",         "/a/b/",              Some(("a/b", Folder))),
            ("/",         "/a./b..",            Some(("a./b..", Name))),
            ("/",         "/C:\\x",             Some(("C:\\x", Name))),
            ("/shop",     "/shop",              Some(("", Root))),
            ("/shop",     "/shop/",             Some(("", Folder))),
            ("/shop",     "/shop/x",            Some(("x", Name))),
            ("/shop/",    "/shop/x",            Some(("x", Name))),
            ("/shop",     "/shopping",          None),
            ("/shop",     "/other",             None),
            ("/",         "/.well-known/x",     Some((".well-known/x", Name))),
            ("/",         "/a/.well-known/x",   None),
            ("/",         "/.git",              None),
            ("/",         "/.git/config",       None),
            ("/",         "/a/.b/c",            None),
            ("/",         "/..",                None),
            ("/",         "/a/../b",            None),
            ("/",         "/a/./b",             None),
            ("/",         "/a//b",              None),
            ("/",         "//",                 None),
            ("/",         "/a//",               None),
            ("/",         "/a\0b",              None),
            ("/",         "a",                  None),
        ];
        for (context, path, name) in cases {
            let found = FileName::new(context.as_bytes(), path.as_bytes());
            let found = found.map(|name| (String::from_utf8(name.relative).unwrap(), name.asked));
            let name = name.map(|(relative, asked)| (relative.to_owned(), asked));
            assert_eq!(found, name, "{context} {path}");
        }
    }
}
