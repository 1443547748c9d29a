//! Answers of a wanted length, time, status or age.

use std::time::Duration;

use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::json;

use crate::demo::demo_body::DemoBody;
use crate::demo::home::Home;
use crate::demo::outcome::{self, Outcome, Trouble};
use crate::limits::DEMO_SLEEP;

/// `GET /bytes/N`
pub(crate) fn bytes(count: &str) -> Outcome {
    let count = number(count).ok_or(Trouble::Request("the count is not a whole number"))?;
    let mut answer = Response::new(DemoBody::Filling(count));
    // Said here, because nobody says it for us in the answer to a HEAD.
    let length = HeaderValue::from(count);
    answer.headers_mut().insert(CONTENT_LENGTH, length);
    let kind = HeaderValue::from_static("application/octet-stream");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    Ok(answer)
}

/// `GET /sleep/MS`
pub(crate) async fn sleep(home: &Home, time: &str) -> Outcome {
    let time = number(time).map(Duration::from_millis);
    let time = time.filter(|time| *time <= DEMO_SLEEP).ok_or(Trouble::Request(
        "the time is not a number of milliseconds of ten minutes or less",
    ))?;
    tokio::time::sleep(time).await;
    Ok(outcome::json(&json!({
        "slept_ms": u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
        "server": home.members.own(),
    })))
}

/// `GET /status/CODE`
pub(crate) fn status(home: &Home, code: &str) -> Outcome {
    let code = number(code).and_then(|code| u16::try_from(code).ok());
    let code = code.filter(|code| (200..600).contains(code));
    let status = code.and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.ok_or(Trouble::Request("the status is not one of 200 to 599"))?;
    // RFC 9110, 15.3.6: "a server MUST NOT generate content in a 205 response."
    let bodiless = [StatusCode::NO_CONTENT, StatusCode::RESET_CONTENT, StatusCode::NOT_MODIFIED];
    if bodiless.contains(&status) {
        return Ok(outcome::empty(status));
    }
    let mut answer = outcome::json(&json!({
        "status": status.as_u16(),
        "server": home.members.own(),
    }));
    *answer.status_mut() = status;
    Ok(answer)
}

/// `GET /cache/SECONDS`: may be kept so long, and is another one each time it is made.
pub(crate) fn cacheable(home: &Home, seconds: &str) -> Outcome {
    let seconds = number(seconds).ok_or(Trouble::Request("the seconds are not a whole number"))?;
    let made = getrandom::u64().map_err(|_| Trouble::Request("there is no randomness"))?;
    let mut answer = outcome::json(&json!({
        "made": format!("{made:016x}"),
        "server": home.members.own(),
    }));
    // Digits are always a good value.
    if let Ok(value) = HeaderValue::try_from(format!("public, max-age={seconds}")) {
        answer.headers_mut().insert(CACHE_CONTROL, value);
    }
    Ok(answer)
}

/// Plain digits only.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}
