//! How a request of the demo application can end.

use bytes::Bytes;
use copal_session::error::Error as SessionError;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::json;

use crate::demo::demo_body::DemoBody;

/// An answer, or why there is none.
pub(crate) type Outcome = Result<Response<DemoBody>, Trouble>;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("there is nothing here")]
    NotFound,
    #[error("there is no session")]
    NoSession,
    #[error("this method is not allowed here")]
    Method { allowed: &'static str },
    #[error("{0}")]
    Request(&'static str),
    #[error("the body is too long")]
    TooLong,
    #[error("{0}")]
    Session(#[from] SessionError),
}

impl Trouble {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoSession => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Request(_) => StatusCode::BAD_REQUEST,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Session(SessionError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Session(error) if error.may_be_tried_again() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Session(_) => StatusCode::CONFLICT,
        }
    }

    /// As the client sees it.
    pub(crate) fn answer(&self) -> Response<DemoBody> {
        let status = self.status();
        let message = self.to_string();
        let mut answer = json(&json!({ "status": status.as_u16(), "error": message }));
        *answer.status_mut() = status;
        if let Self::Session(error) = self
            && let Some(time) = error.retry_after()
        {
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(time.as_secs()));
        }
        if let Self::Method { allowed } = self {
            // RFC 9110, 15.5.6: "The origin server MUST generate an Allow header field in a 405
            // response"
            let allowed = HeaderValue::from_static(allowed);
            answer.headers_mut().insert(ALLOW, allowed);
        }
        answer
    }
}

/// A JSON object.
pub(crate) fn json(value: &impl Serialize) -> Response<DemoBody> {
    // What we make ourselves always has a JSON form.
    let mut text = serde_json::to_vec(value).unwrap_or_default();
    text.push(b'\n');
    let mut answer = Response::new(DemoBody::Memory(text.into()));
    let kind = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

/// A page.
pub(crate) fn html(text: String) -> Response<DemoBody> {
    let mut answer = Response::new(DemoBody::Memory(text.into()));
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

/// Nothing, with a status.
pub(crate) fn empty(status: StatusCode) -> Response<DemoBody> {
    let mut answer = Response::new(DemoBody::Memory(Bytes::new()));
    *answer.status_mut() = status;
    answer
}

/// After a form the client goes on with a GET.
pub(crate) fn see_other(location: &str) -> Outcome {
    let location = HeaderValue::from_str(location)
        .map_err(|_| Trouble::Request("the path of this web-app cannot be sent in a field"))?;
    let mut answer = empty(StatusCode::SEE_OTHER);
    answer.headers_mut().insert(LOCATION, location);
    Ok(answer)
}

/// For one client, and only now.
pub(crate) fn not_stored(mut answer: Response<DemoBody>) -> Response<DemoBody> {
    let value = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(CACHE_CONTROL, value);
    answer
}
