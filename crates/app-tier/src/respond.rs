//! The answers that the tier gives by itself: refusals, redirects, failures.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use copal_http1::write;
use copal_protocol::state::State;
use copal_session::web_app::WebApp;
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE,
};
use http::{HeaderValue, Method, Response, StatusCode};

use crate::any_body::AnyBody;
use crate::content_length::{self, WrongLength};
use crate::delivery::Delivery;
use crate::fields;
use crate::reply_body::ReplyBody;

/// A short text.
pub(crate) fn text(status: StatusCode, message: &str) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::bytes(format!("{message}\n")));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The status, in words, and what the client may know of the reason.
pub(crate) fn refusal(status: u16, reason: &str) -> Response<ReplyBody> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    text(status, &sentence(status.as_u16(), reason))
}

/// The same, and no more requests on this connection.
pub(crate) fn last_refusal(status: u16, reason: &str) -> Response<ReplyBody> {
    closing(refusal(status, reason))
}

/// No more requests on this connection after `response`.
pub(crate) fn closing(mut response: Response<ReplyBody>) -> Response<ReplyBody> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The client is sent elsewhere.
pub(crate) fn redirect(status: u16, location: &[u8]) -> Response<ReplyBody> {
    let Ok(location) = HeaderValue::from_bytes(location) else {
        return refusal(500, "the target of a rule is no field value");
    };
    let mut response = refusal(status, "");
    response.headers_mut().insert(LOCATION, location);
    response
}

/// What this server does at the moment, for a health check. In every state but one it answers
/// whatever reaches it: who sends what here, the web tier decides. `unheard` are the servers of its ring
/// that it does not hear, if there is a ring; their names need no escape in JSON.
pub(crate) fn state(state: State, unheard: Option<&[String]>) -> Response<ReplyBody> {
    let unheard = unheard.map(|unheard| {
        let names: Vec<String> = unheard.iter().map(|id| format!("\"{id}\"")).collect();
        format!(",\"unheard\":[{}]", names.join(","))
    });
    let unheard = unheard.unwrap_or_default();
    let mut response =
        Response::new(ReplyBody::bytes(format!("{{\"state\":\"{state}\"{unheard}}}\n")));
    if matches!(state, State::Joining | State::Leaving) {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    fields.insert(STATE, HeaderValue::from_static(state.as_str()));
    response
}

const STATE: http::HeaderName = http::HeaderName::from_static("copal-state");

/// The request was not begun. A web server may send it to another one, whatever it is; anybody else may come
/// again.
pub(crate) fn not_begun(believed: bool) -> Response<ReplyBody> {
    let mut response =
        refusal(503, "this server has just started and does not know its sessions yet");
    let (name, value) = if believed { (NOT_BEGUN, "1") } else { (RETRY_AFTER, "1") };
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

const NOT_BEGUN: http::HeaderName = http::HeaderName::from_static("copal-not-begun");

/// The handler ran, and what it wanted of the session was not saved.
pub(crate) fn not_saved(retry_after: Option<Duration>) -> Response<ReplyBody> {
    let mut response = refusal(503, "the session could not be saved");
    let seconds = retry_after.map(|time| HeaderValue::from(time.as_secs()));
    response.headers_mut().extend(seconds.map(|seconds| (RETRY_AFTER, seconds)));
    response
}

/// No content.
pub(crate) fn nothing(status: StatusCode) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::bytes(Bytes::new()));
    *response.status_mut() = status;
    response
}

/// The answer of a web-app that has files only, and not this one.
pub(crate) fn no_file(method: &Method) -> Response<ReplyBody> {
    if matches!(*method, Method::GET | Method::HEAD) {
        return refusal(404, "");
    }
    let mut response = refusal(405, "there are only files here");
    let allowed = HeaderValue::from_static("GET, HEAD");
    response.headers_mut().insert(ALLOW, allowed);
    response
}

/// The application's answer, with the cookie that the client needs.
pub(crate) fn with_session(
    mut response: Response<ReplyBody>,
    cookie: Option<HeaderValue>,
) -> Response<ReplyBody> {
    if let Some(cookie) = cookie {
        let fields = response.headers_mut();
        fields.append(SET_COOKIE, cookie);
        // A cache that keeps this answer would give one client's session to another.
        let private = HeaderValue::from_static("private");
        fields.entry(CACHE_CONTROL).or_insert(private);
    }
    response
}

/// The application's answer to a request of this method, as it may go to the client.
pub(crate) fn of_application(
    mut response: Response<AnyBody>,
    method: &Method,
    web_app: &Arc<WebApp>,
) -> Result<Response<ReplyBody>, WrongLength> {
    let switches = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    fields::clean_response(response.headers_mut(), switches);
    let length = content_length::settle(method, &mut response)?;
    let deliver = |body| ReplyBody::stream(Delivery::new(body, length, Arc::clone(web_app)));
    Ok(response.map(deliver))
}

/// A refusal as it goes over the wire, where no server writes it for us.
pub(crate) fn raw_refusal(status: u16, reason: &str) -> Vec<u8> {
    let body = format!("{}\n", sentence(status, reason));
    let mut answer = Vec::with_capacity(256);
    write::status_line(&mut answer, status, write::reason(status).as_bytes());
    write::field(&mut answer, b"content-type", b"text/plain; charset=utf-8");
    if status == 405 {
        // RFC 9110, 15.5.6: "The origin server MUST generate an Allow header field in a 405
        // response". These are the methods that every resource may get.
        write::field(&mut answer, b"allow", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    }
    write::field(&mut answer, b"connection", b"close");
    write::field(&mut answer, b"content-length", body.len().to_string().as_bytes());
    write::end(&mut answer);
    answer.extend_from_slice(body.as_bytes());
    answer
}

fn sentence(status: u16, reason: &str) -> String {
    let words = StatusCode::from_u16(status).ok();
    let words = words.and_then(|status| status.canonical_reason());
    match (words.unwrap_or_default(), reason) {
        (words, "") => format!("{status} {words}"),
        (words, reason) => format!("{status} {words}: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_refusal_is_a_whole_response() {
        let answer = String::from_utf8(raw_refusal(400, "no Host field")).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{head}");
        assert!(head.contains("\r\nconnection: close"), "{head}");
        let length = format!("\r\ncontent-length: {}", body.len());
        assert!(head.contains(&length), "{head}");
        assert_eq!(body, "400 Bad Request: no Host field\n");
    }

    #[test]
    fn a_refused_method_is_told_which_ones_are_allowed() {
        let answer = String::from_utf8(raw_refusal(405, "")).unwrap();
        assert!(answer.contains("\r\nallow: GET, HEAD,"), "{answer}");
    }

    #[test]
    fn a_redirect_says_where() {
        let response = redirect(301, b"/new?x=1");
        assert_eq!(response.status(), StatusCode::MOVED_PERMANENTLY);
        assert_eq!(response.headers()[LOCATION], "/new?x=1");
    }
}
