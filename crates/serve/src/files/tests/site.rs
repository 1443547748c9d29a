//! A folder of files to test with.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::files::answer;
use crate::files::conditions::Conditions;
use crate::files::file_answer::{FileAnswer, Segment};
use crate::files::file_request::FileRequest;
use crate::files::root::{Beneath, Root};

/// The time at which every test runs, long after the files of the folder were made.
pub(super) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000)
}

pub(super) fn write(folder: &Path, name: &[u8], content: &[u8]) {
    let path = folder.join(OsStr::from_bytes(name));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A folder `site` beside a file that must never be sent.
pub(super) fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    write(folder.path(), b"secret.txt", b"secret");
    let site = folder.path().join("site");
    write(&site, b"index.html", b"<p>home");
    write(&site, b"a.txt", b"0123456789");
    write(&site, b"empty", b"");
    write(&site, b"docs/index.html", b"<p>docs");
    write(&site, b"docs/a b.css", b"p {}");
    write(&site, b"bare/x.js", b"1");
    write(&site, b"odd/index.html/x", b"1");
    write(&site, b".git/config", b"hidden");
    write(&site, b"docs/.htaccess", b"hidden");
    write(&site, b".well-known/acme", b"token");
    write(&site, b"caf\xc3\xa9 \xff\n;x.txt", b"odd");
    folder
}

pub(super) fn root(folder: &TempDir, beneath: Beneath) -> Root {
    Root::open(&folder.path().join("site")).unwrap().looking_by(beneath)
}

pub(super) fn request(path: &[u8]) -> FileRequest<'_> {
    let conditions = Conditions::default();
    FileRequest {
        path,
        context: b"/",
        visible: path,
        may_redirect: true,
        head: false,
        conditions,
        now: now(),
    }
}

pub(super) fn get(root: &Root, path: &[u8]) -> FileAnswer {
    answer(root, &request(path))
}

/// Reads the segments as a caller streams them.
pub(super) fn content(answer: &FileAnswer) -> Vec<u8> {
    let FileAnswer::Send { segments, file, length, .. } = answer else {
        panic!("nothing to read in {answer:?}");
    };
    let mut content = Vec::new();
    for segment in segments {
        match segment {
            Segment::Bytes(bytes) => content.extend_from_slice(bytes),
            Segment::File(span) => {
                let mut bytes = vec![0; usize::try_from(span.length).unwrap()];
                file.read_exact_at(&mut bytes, span.offset).unwrap();
                content.extend(bytes);
            }
        }
    }
    assert_eq!(u64::try_from(content.len()).unwrap(), *length);
    content
}

pub(super) fn field<'a>(answer: &'a FileAnswer, name: &str) -> Option<&'a str> {
    let (FileAnswer::Send { fields, .. }
    | FileAnswer::NotModified { fields }
    | FileAnswer::Unsatisfiable { fields }) = answer
    else {
        panic!("no fields in {answer:?}");
    };
    fields.iter().find(|field| field.0 == name).map(|field| field.1.as_str())
}

/// An answer on one line.
pub(super) fn show(answer: &FileAnswer) -> String {
    match answer {
        FileAnswer::NotFound => "not found".to_owned(),
        FileAnswer::MovedTo(reference) => format!("to {}", reference.escape_ascii()),
        FileAnswer::Send { status, .. } => format!("{status} {}", content(answer).escape_ascii()),
        other => format!("{other:?}"),
    }
}
