//! The forms of the page: each does its work and sends the browser back.

use copal_session::session::Session;

use crate::body::Body;
use crate::demo::attributes::read;
use crate::demo::form;
use crate::demo::home::Home;
use crate::demo::outcome::{self, Outcome, Trouble};

/// `POST /session/form`: sets the attribute `name` to `value`; without a value, removes it.
pub(crate) async fn set_attribute(home: &Home, session: &Session, body: Body) -> Outcome {
    let form = read(body).await?;
    let name = form::field(&form, "name").filter(|name| !name.is_empty());
    let name = name.ok_or(Trouble::Request("the form has no name"))?;
    match form::field(&form, "value").filter(|value| !value.is_empty()) {
        Some(value) => session.insert(&name, value)?,
        None => session.remove(&name)?,
    }
    outcome::see_other(&session.encode_url(&home.context).await)
}

/// `POST /session/logout`
pub(crate) fn log_out(home: &Home, session: &Session) -> Outcome {
    session.destroy()?;
    outcome::see_other(&home.context)
}
