//! What the demo application says about a request.

use copal_testkit::response::Response;
use serde_json::Value;

/// The body as JSON.
pub(crate) fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|why| panic!("{why}: {response:?}"))
}
