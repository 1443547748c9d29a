//! A file that is asked for, and everything that decides how it is answered.

use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use copal_http1::field::Field;
use copal_http1::request_head::RequestHead;
use copal_route::host::Host;
use copal_serve::files::conditions::Conditions;
use copal_serve::files::file_answer::{FileAnswer, Segment};
use copal_serve::files::file_request::FileRequest;
use copal_serve::files::root::Root;

use crate::limits::FILE_STEP;
use crate::own::Own;
use crate::roots::Roots;

/// A file that is asked for, and everything that decides how it is answered.
#[derive(Debug)]
pub(crate) struct FilePlan {
    root: Arc<Root>,
    context: String,
    path: Vec<u8>,
    visible: Vec<u8>,
    /// A rule dispatched to another path than the client's.
    dispatched: bool,
    pub(crate) query: Option<Vec<u8>>,
    is_head: bool,
    conditions: Received,
}

/// The values of the fields that make a request conditional; several lines of one are joined.
#[derive(Debug)]
struct Received([Option<Vec<u8>>; 6]);

const CONDITIONS: [&[u8]; 6] = [
    b"if-match",
    b"if-unmodified-since",
    b"if-none-match",
    b"if-modified-since",
    b"if-range",
    b"range",
];

impl Received {
    fn of(fields: &[Field<'_>]) -> Self {
        Self(CONDITIONS.map(|name| {
            let lines = fields.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
            let values: Vec<&[u8]> = lines.map(|field| field.value).collect();
            if values.is_empty() { None } else { Some(values.join(&b", "[..])) }
        }))
    }

    fn conditions(&self) -> Conditions<'_> {
        let [if_match, if_unmodified_since, if_none_match, if_modified_since, if_range, range] =
            self.0.each_ref().map(Option::as_deref);
        Conditions {
            if_match,
            if_unmodified_since,
            if_none_match,
            if_modified_since,
            if_range,
            range,
        }
    }
}

impl FilePlan {
    /// The file that answers a request which this server answers itself; else our answer.
    pub(crate) fn of(
        roots: &Roots,
        host: &Host,
        text: &[u8],
        dispatched: bool,
        head: &RequestHead<'_>,
    ) -> Result<Box<Self>, Own> {
        let web_app = host.web_app(text);
        let root = web_app.and_then(|app| Some((app, roots.get(app.root.as_ref()?)?)));
        let Some((web_app, root)) = root else {
            return Err(Own::new(404));
        };
        if !matches!(head.method, "GET" | "HEAD") {
            let mut own = Own::new(405);
            own.fields = vec![("Allow", b"GET, HEAD".to_vec())];
            return Err(own);
        }
        Ok(Box::new(Self {
            root: Arc::clone(root),
            context: web_app.path.clone(),
            path: text.to_vec(),
            visible: head.path.to_vec(),
            dispatched,
            query: head.query.map(<[u8]>::to_vec),
            is_head: head.method == "HEAD",
            conditions: Received::of(&head.fields),
        }))
    }

    /// Looks the file up and reads its beginning. Blocks.
    pub(crate) fn answer(&self) -> io::Result<(FileAnswer, Vec<u8>)> {
        let answer = copal_serve::files::answer(
            &self.root,
            &FileRequest {
                path: &self.path,
                context: self.context.as_bytes(),
                visible: &self.visible,
                may_redirect: !self.dispatched,
                head: self.is_head,
                conditions: self.conditions.conditions(),
                now: copal_serve::clock::wall(),
            },
        );
        let first = match &answer {
            FileAnswer::Send { segments, file, .. } => match segments.first() {
                Some(Segment::File(span)) => read_step(file, span.offset, span.length)?,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        Ok((answer, first))
    }
}

/// The next step of a part of a file. Blocks.
pub(crate) fn read_step(file: &std::fs::File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut piece = vec![0; usize::try_from(length.min(FILE_STEP)).unwrap_or(0)];
    let read = loop {
        match file.read_at(&mut piece, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    piece.truncate(read);
    Ok(piece)
}
