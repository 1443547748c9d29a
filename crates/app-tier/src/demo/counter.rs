//! Counting visits.

use copal_protocol::session_id::SessionId;
use copal_session::session::Session;
use http::header::VARY;
use http::{HeaderMap, HeaderValue};
use serde::Serialize;

use crate::demo::attributes::values;
use crate::demo::home::Home;
use crate::demo::keepers::Keepers;
use crate::demo::links::Links;
use crate::demo::outcome::{self, Outcome, Trouble};
use crate::demo::page::Page;
use crate::demo::preference::prefers_html;

/// The attribute that counts.
pub(crate) const COUNT: &str = "count";

/// What `GET /counter` tells.
#[derive(Debug, Serialize)]
struct Visit<'v> {
    count: i64,
    server: &'v str,
    session: &'v str,
    new: bool,
    #[serde(flatten)]
    keepers: Option<Keepers<'v>>,
}

/// `GET /counter`
pub(crate) async fn count(home: &Home, session: &Session) -> Outcome {
    let count = session.increment(COUNT, 1).await?;
    let id = id(session).await?;
    Ok(outcome::not_stored(outcome::json(&Visit {
        count,
        server: home.members.own(),
        session: id.as_str(),
        new: session.is_new().await,
        keepers: None,
    })))
}

/// `GET /`
pub(crate) async fn visit(home: &Home, session: &Session, fields: &HeaderMap) -> Outcome {
    let count = session.increment(COUNT, 1).await?;
    let id = id(session).await?;
    let [owner, backup, third] = id.letters().in_order().map(|index| home.members.name(index));
    let keepers = Keepers { owner, backup, third };
    let mut answer = if prefers_html(fields) {
        Page {
            count,
            server: home.members.own(),
            session: id.as_str(),
            keepers,
            attributes: &values(session).await?,
            links: Links::of(home, session).await,
        }
        .answer()
    } else {
        outcome::json(&Visit {
            count,
            server: home.members.own(),
            session: id.as_str(),
            new: session.is_new().await,
            keepers: Some(keepers),
        })
    };
    let accept = HeaderValue::from_static("accept");
    answer.headers_mut().insert(VARY, accept);
    Ok(outcome::not_stored(answer))
}

async fn id(session: &Session) -> Result<SessionId, Trouble> {
    session.id().await?.ok_or(Trouble::NoSession)
}
