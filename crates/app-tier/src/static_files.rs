//! The files of a web-app, as answers.

use std::sync::Arc;
use std::time::SystemTime;

use copal_serve::files;
use copal_serve::files::conditions::Conditions;
use copal_serve::files::file_answer::{Fields, FileAnswer};
use copal_serve::files::file_request::FileRequest;
use copal_serve::files::root::Root;
use copal_session::web_app::WebApp;
use http::header::{
    CONTENT_LENGTH, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use hyper::body::Incoming;
use tokio::task::spawn_blocking;

use crate::destination::Destination;
use crate::file_body::FileBody;
use crate::mount::Mount;
use crate::reply_body::ReplyBody;
use crate::respond;

/// What a file is asked for with, on its way to a thread that may block.
struct Asked {
    path: Vec<u8>,
    context: String,
    visible: Vec<u8>,
    dispatched: bool,
    head: bool,
    conditions: [Option<Vec<u8>>; 6],
}

/// The answer of the file that is asked for; `None` when there is no such file.
pub(crate) async fn answer(
    root: &Arc<Root>,
    mount: &Mount,
    request: &Request<Incoming>,
    destination: &Destination,
) -> Option<Response<ReplyBody>> {
    let head = match *request.method() {
        Method::GET => false,
        Method::HEAD => true,
        _ => return None,
    };
    let fields = request.headers();
    let asked = Asked {
        path: destination.text.clone(),
        context: mount.path.clone(),
        visible: request.uri().path().as_bytes().to_vec(),
        dispatched: destination.dispatched,
        head,
        conditions: [
            IF_MATCH,
            IF_UNMODIFIED_SINCE,
            IF_NONE_MATCH,
            IF_MODIFIED_SINCE,
            IF_RANGE,
            RANGE,
        ]
        .map(|name| joined(fields, &name)),
    };
    let root = Arc::clone(root);
    let found = spawn_blocking(move || asked.answer(&root)).await;
    match found {
        Ok(FileAnswer::NotFound) => None,
        Ok(found) => Some(respond_with(found, request.uri().query(), &mount.sessions)),
        Err(error) => {
            tracing::error!(%error, "a file could not be looked for");
            Some(respond::refusal(500, ""))
        }
    }
}

impl Asked {
    fn answer(&self, root: &Root) -> FileAnswer {
        let [if_match, if_unmodified_since, if_none_match, if_modified_since, if_range, range] =
            self.conditions.each_ref().map(Option::as_deref);
        let request = FileRequest {
            path: &self.path,
            context: self.context.as_bytes(),
            visible: &self.visible,
            may_redirect: !self.dispatched,
            head: self.head,
            conditions: Conditions {
                if_match,
                if_unmodified_since,
                if_none_match,
                if_modified_since,
                if_range,
                range,
            },
            now: wall_clock(),
        };
        files::answer(root, &request)
    }
}

#[expect(clippy::disallowed_methods, reason = "dates of files are compared with the clock")]
fn wall_clock() -> SystemTime {
    SystemTime::now()
}

/// All values of a field, as one list.
fn joined(fields: &HeaderMap, name: &HeaderName) -> Option<Vec<u8>> {
    let values: Vec<&[u8]> = fields.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    (!values.is_empty()).then(|| values.join(b", ".as_slice()))
}

fn respond_with(
    found: FileAnswer,
    query: Option<&str>,
    web_app: &Arc<WebApp>,
) -> Response<ReplyBody> {
    match found {
        FileAnswer::NotFound => respond::refusal(404, ""),
        FileAnswer::MovedTo(mut location) => {
            if let Some(query) = query {
                location.push(b'?');
                location.extend_from_slice(query.as_bytes());
            }
            respond::redirect(301, &location)
        }
        FileAnswer::NotModified { fields } => {
            with(Response::new(ReplyBody::bytes("")), 304, fields)
        }
        FileAnswer::PreconditionFailed => respond::refusal(412, ""),
        FileAnswer::Unsatisfiable { fields } => with(respond::refusal(416, ""), 416, fields),
        FileAnswer::Failed(error) => {
            tracing::error!(%error, "a file could not be read");
            respond::refusal(500, "")
        }
        FileAnswer::Send { status, fields, length, segments, file } => {
            let body = FileBody::new(file, segments);
            let mut response = with(Response::new(body.into_reply(web_app)), status, fields);
            let length = HeaderValue::from(length);
            response.headers_mut().insert(CONTENT_LENGTH, length);
            response
        }
    }
}

fn with(mut response: Response<ReplyBody>, status: u16, fields: Fields) -> Response<ReplyBody> {
    if let Ok(status) = http::StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    for (name, value) in fields {
        let pair = (name.parse::<HeaderName>(), HeaderValue::try_from(value));
        if let (Ok(name), Ok(value)) = pair {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
