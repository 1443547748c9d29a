//! What arrived, sent back.

use http::{HeaderValue, Request};
use http_body_util::BodyExt;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::body::Body;
use crate::demo::home::Home;
use crate::demo::outcome::{self, Outcome, Trouble};

/// What `/echo` tells.
#[derive(Debug, Serialize)]
struct Arrived<'a> {
    server: &'a str,
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    headers: Vec<(&'a str, String)>,
    body_bytes: u64,
    body_sha256: String,
}

/// `/echo` and everything below it. The body is read and forgotten piece by piece.
pub(crate) async fn echo(home: &Home, request: Request<Body>) -> Outcome {
    let (head, mut body) = request.into_parts();
    let (mut count, mut sum) = (0_u64, Sha256::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Trouble::Request("the body did not arrive whole"))?;
        if let Some(data) = frame.data_ref() {
            count = count.saturating_add(u64::try_from(data.len()).unwrap_or(u64::MAX));
            sum.update(data);
        }
    }
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let fields = head.headers.iter();
    Ok(outcome::json(&Arrived {
        server: home.members.own(),
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query(),
        headers: fields.map(|(name, value)| (name.as_str(), text(value))).collect(),
        body_bytes: count,
        body_sha256: hex(&sum.finalize()),
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
