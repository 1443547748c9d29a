//! Showing and changing what is in a session.

use bytes::Bytes;
use copal_session::session::Session;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Limited};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::body::Body;
use crate::demo::form;
use crate::demo::home::Home;
use crate::demo::outcome::{self, Outcome, Trouble};
use crate::demo::preference::prefers_html;
use crate::limits::DEMO_ATTRIBUTE;

/// What `GET /session` tells.
#[derive(Debug, Serialize)]
struct Contents<'c> {
    session: &'c str,
    server: &'c str,
    attributes: Map<String, Value>,
}

/// `GET /session`
pub(crate) async fn show(home: &Home, session: &Session) -> Outcome {
    let id = session.id().await?.ok_or(Trouble::NoSession)?;
    Ok(outcome::not_stored(outcome::json(&Contents {
        session: id.as_str(),
        server: home.members.own(),
        attributes: values(session).await?,
    })))
}

/// `PUT /session/NAME`, `DELETE /session/NAME`
pub(crate) async fn change(
    home: &Home,
    session: &Session,
    name: &str,
    request: Request<Body>,
) -> Outcome {
    let name = form::decode(name.as_bytes(), form::Plus::IsItself)
        .ok_or(Trouble::Request("the name is not UTF-8"))?;
    if *request.method() == Method::DELETE {
        if session.id().await?.is_none() {
            return Err(Trouble::NoSession);
        }
        session.remove(&name)?;
    } else {
        let text = read(request.into_body()).await?;
        let text = str::from_utf8(&text).map_err(|_| Trouble::Request("the body is not UTF-8"))?;
        session.insert(&name, text)?;
    }
    show(home, session).await
}

/// `DELETE /session`
pub(crate) async fn destroy(home: &Home, session: &Session) -> Outcome {
    let id = session.id().await?;
    // Also of one that was not found: when it may be on a server that does not answer, the client is told
    // that it goes on.
    session.destroy()?;
    let id = id.ok_or(Trouble::NoSession)?;
    Ok(outcome::not_stored(outcome::json(&json!({
        "destroyed": id.as_str(),
        "server": home.members.own(),
    }))))
}

/// `POST /session/rotate`
pub(crate) async fn rotate(home: &Home, session: &Session, fields: &HeaderMap) -> Outcome {
    let there = session.id().await?.is_some();
    if there {
        session.rotate_id()?;
    }
    if prefers_html(fields) {
        return outcome::see_other(&session.encode_url(&home.context).await);
    }
    show(home, session).await
}

/// All attributes. What is not JSON is shown as text.
pub(crate) async fn values(session: &Session) -> Result<Map<String, Value>, Trouble> {
    let attributes = session.attributes().await?.into_iter();
    let value = |bytes: &Bytes| {
        let text = || Value::from(String::from_utf8_lossy(bytes));
        serde_json::from_slice(bytes).unwrap_or_else(|_| text())
    };
    Ok(attributes.map(|(name, bytes)| (name, value(&bytes))).collect())
}

/// A short body.
pub(crate) async fn read(body: Body) -> Result<Bytes, Trouble> {
    let collected = Limited::new(body, DEMO_ATTRIBUTE).collect().await;
    match collected {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => Err(Trouble::TooLong),
        Err(_) => Err(Trouble::Request("the body did not arrive whole")),
    }
}
