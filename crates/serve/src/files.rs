//! Static files: the way from a request to what is sent.
//!
//! [`answer`] reads folders and files and therefore blocks; a runtime calls it on a thread for
//! that. What it decides by ([`file_name`], [`conditions`], [`range`], [`validators`]) is pure.

pub mod file_request;
pub mod file_name;
pub mod root;
pub mod validators;
pub mod conditions;
pub mod range;
pub mod media_type;
pub mod multipart;
pub mod file_answer;

use std::io;

use conditions::Outcome;
use file_answer::{Fields, FileAnswer, Segment};
use file_name::{Asked, FileName};
use file_request::FileRequest;
use range::{Ranges, Span};
use root::{Found, OpenFile, Root};
use validators::Validators;

/// Answers a GET or HEAD from the files beneath `root`. Other methods are the caller's business.
///
/// A folder is answered with its `index.html`; asked for without a slash at its end, it sends the
/// client to the same with one. Names that begin with a dot are not found, nor is anything that
/// is no regular file, cannot be read, or lies outside the root, whatever symlinks say.
#[must_use]
pub fn answer(root: &Root, request: &FileRequest<'_>) -> FileAnswer {
    find(root, request).unwrap_or_else(FileAnswer::Failed)
}

fn find(root: &Root, request: &FileRequest<'_>) -> io::Result<FileAnswer> {
    let Some(name) = FileName::new(request.context, request.path) else {
        return Ok(FileAnswer::NotFound);
    };
    let found = match name.asked {
        Asked::Name => root.find(&name.relative)?,
        Asked::Folder => root.find(&name.index())?,
        Asked::Root => Found::Folder,
    };
    match (found, name.asked) {
        (Found::File(file), _) => Ok(send(root, file, request)),
        (Found::Nothing, _) | (Found::Folder, Asked::Folder) => Ok(FileAnswer::NotFound),
        (Found::Folder, Asked::Name | Asked::Root) => match root.find(&name.index())? {
            Found::File(_) if request.may_redirect => {
                Ok(FileAnswer::MovedTo(with_slash(request.visible)))
            }
            Found::File(file) => Ok(send(root, file, request)),
            Found::Folder | Found::Nothing => Ok(FileAnswer::NotFound),
        },
    }
}

/// The last name of `visible` with a slash behind it, relative to the request: a whole path could
/// begin with two slashes and lead to another host.
fn with_slash(visible: &[u8]) -> Vec<u8> {
    let name = visible.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let name = name.split(|byte| *byte == b';').next().unwrap_or_default();
    [b"./", name, b"/"].concat()
}

fn send(root: &Root, found: OpenFile, request: &FileRequest<'_>) -> FileAnswer {
    let size = found.size;
    let validators = Validators::new(found.modified, size, request.now);
    let ranges = match request.conditions.evaluate(&validators, request.now) {
        Outcome::PreconditionFailed => return FileAnswer::PreconditionFailed,
        Outcome::NotModified => {
            return FileAnswer::NotModified { fields: validators.fields() };
        }
        // RFC 9110, 14.2: "A server MUST ignore a Range header field received with a request
        // method that is unrecognized or for which range handling is not defined."
        Outcome::Range(value) if !request.head => range::parse(value, size),
        Outcome::Range(_) | Outcome::Full => Ranges::Whole,
    };
    let media_type = media_type::of(&found.name);
    let mut fields = validators.fields();
    fields.push(("Accept-Ranges", "bytes".to_owned()));
    fields.push(("X-Content-Type-Options", "nosniff".to_owned()));
    let (status, segments) = match ranges {
        Ranges::Unsatisfiable => {
            let fields = vec![("Content-Range", format!("bytes */{size}"))];
            return FileAnswer::Unsatisfiable { fields };
        }
        Ranges::Whole => {
            fields.push(("Content-Type", media_type.to_owned()));
            (200, vec![Segment::File(Span { offset: 0, length: size })])
        }
        Ranges::One(span) => {
            fields.push(("Content-Type", media_type.to_owned()));
            fields.push(("Content-Range", span.content_range(size)));
            (206, vec![Segment::File(span)])
        }
        Ranges::Many(spans) => {
            let boundary = root.boundary(&validators);
            fields.push(("Content-Type", multipart::media_type(&boundary)));
            (206, multipart::segments(&boundary, media_type, &spans, size))
        }
    };
    sending(status, fields, segments, found, request.head)
}

fn sending(
    status: u16,
    fields: Fields,
    segments: Vec<Segment>,
    found: OpenFile,
    head: bool,
) -> FileAnswer {
    let length = segments.iter().map(Segment::length).sum();
    let segments = if head { Vec::new() } else { segments };
    FileAnswer::Send { status, fields, length, segments, file: found.file }
}

#[cfg(test)]
mod tests;
