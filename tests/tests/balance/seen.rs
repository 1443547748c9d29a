//! What the demo application says about a request.

use copal_testkit::raw::get;
use copal_testkit::response::Response;
use serde_json::Value;

/// The body as JSON.
pub(crate) fn json(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_else(|why| panic!("{why}: {response:?}"))
}

/// The server that made a response of the demo application.
pub(crate) fn server(response: &Response) -> String {
    match &json(response)["server"] {
        Value::String(server) if response.status == 200 => server.clone(),
        _ => panic!("no server in {response:?}"),
    }
}

/// The server that answers `GET path`.
pub(crate) fn server_at(port: u16, path: &str) -> String {
    server(&get(port, path))
}
