//! What an application touches of its client's session.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use copal_protocol::session_id::SessionId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::encoded_url::encode;
use crate::error::Error;
use crate::handle::Handle;
use crate::seat::Origin;
use crate::sum::Sum;

/// The session of a request, or the place where there could be one.
///
/// Nothing is loaded before it is needed, and only setting something makes a new session. What is
/// set, removed, rotated and destroyed is carried out when the response is returned; what was set
/// can be read before. Clones are the same session; they may be used by several tasks at once.
#[derive(Clone)]
pub struct Session(Arc<Handle>);

impl Session {
    pub(crate) const fn new(handle: Arc<Handle>) -> Self {
        Self(handle)
    }

    /// What the app tier's side works with.
    pub(crate) fn handle(&self) -> &Handle {
        &self.0
    }

    /// The session of a request.
    ///
    /// # Panics
    ///
    /// When the request did not come through a server or layer that opens sessions. Where that may
    /// happen, use [`Self::try_of`].
    #[must_use]
    pub fn of<B>(request: &http::Request<B>) -> Self {
        #[expect(clippy::panic, reason = "a mistake in how the application was put together")]
        Self::try_of(request).unwrap_or_else(|| {
            panic!(
                "this request has no session: serve the application with app_tier::Server, which \
                 opens one for each request, or put the `Session` that `Sessions::open` returns \
                 into the request's extensions"
            )
        })
    }

    /// The session of a request, or `None` when the request did not come through a server or layer
    /// that opens sessions.
    #[must_use]
    pub fn try_of<B>(request: &http::Request<B>) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// An attribute that was set with [`Self::insert`]; `None` when it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Deserialize`] when it is something else than a `T`.
    pub async fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        let Some(bytes) = self.get_bytes(name).await? else {
            return Ok(None);
        };
        let value = serde_json::from_slice(&bytes);
        value.map(Some).map_err(|source| Error::Deserialize { name: name.to_owned(), source })
    }

    /// An attribute as it is kept; `None` when it is not there.
    ///
    /// # Errors
    ///
    /// None while sessions are in memory only; else [`Error::Unknown`] when no server answers any more that
    /// had the session, and with `degraded = "refuse"` also when nobody knows whether there is one.
    pub async fn get_bytes(&self, name: &str) -> Result<Option<Bytes>, Error> {
        if let Some(change) = self.0.state().changes.get(name) {
            return Ok(change.clone());
        }
        let Some(seat) = self.0.seat_to_read().await? else {
            return Ok(None);
        };
        self.0.store.read(&self.0.web_app, &seat, name).await
    }

    /// All attributes of the web-app by name, as they are kept.
    ///
    /// # Errors
    ///
    /// None while sessions are in memory only; else [`Error::Unknown`] when no server answers any more that
    /// had the session, and with `degraded = "refuse"` also when nobody knows whether there is one.
    pub async fn attributes(&self) -> Result<BTreeMap<String, Bytes>, Error> {
        let mut all = match self.0.seat_to_read().await? {
            Some(seat) => self.0.store.read_all(&self.0.web_app, &seat).await?,
            None => BTreeMap::new(),
        };
        self.0.state().changes.overlay(&mut all);
        Ok(all)
    }

    /// Sets an attribute to the JSON of a value.
    ///
    /// # Errors
    ///
    /// [`Error::Serialize`], and those of [`Self::insert_bytes`].
    pub fn insert<T: Serialize>(&self, name: &str, value: T) -> Result<(), Error> {
        let bytes = serde_json::to_vec(&value)
            .map_err(|source| Error::Serialize { name: name.to_owned(), source })?;
        self.insert_bytes(name, bytes)
    }

    /// Sets an attribute.
    ///
    /// # Errors
    ///
    /// [`Error::HeadSent`] when the response was returned already, unless [`Self::keep_open`] was
    /// called and there is a session; [`Error::Unknown`] when the request has asked for its session, and
    /// that may be on a server that does not answer; [`Error::TooLarge`] when what was set in this request is alone
    /// more than `session-max-bytes`. What the session holds besides is counted when it is saved.
    pub fn insert_bytes(&self, name: &str, value: impl Into<Bytes>) -> Result<(), Error> {
        let mut state = self.0.state_for_changes()?;
        let before = state.changes.get(name).cloned();
        state.changes.set(name, value.into());
        let (size, limit) = (state.changes.size(), self.0.web_app.config().session_max_bytes);
        if size > limit {
            state.changes.restore(name, before);
            return Err(Error::TooLarge { size, limit });
        }
        Ok(())
    }

    /// Removes an attribute. It is no error when it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::HeadSent`] and [`Error::Unknown`] as for [`Self::insert_bytes`].
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        self.0.state_for_changes()?.changes.remove(name);
        Ok(())
    }

    /// Whose session it is, if anybody said so with [`Self::set_user`].
    ///
    /// # Errors
    ///
    /// As [`Self::get_bytes`].
    pub async fn user(&self) -> Result<Option<String>, Error> {
        if let Some(user) = &self.0.state().changes.user {
            return Ok(user.as_deref().map(ToOwned::to_owned));
        }
        match self.0.seat_to_read().await? {
            Some(seat) => self.0.store.user(&self.0.web_app, &seat).await,
            None => Ok(None),
        }
    }

    /// Says whose session it is: to be called at log-in, beside [`Self::rotate_id`]. `None` says that
    /// it is nobody's. A name makes a session if there is none. All web-apps that share the session see
    /// it; it is no attribute.
    ///
    /// ```
    /// # use copal_session::{error::Error, session::Session};
    /// fn log_in(session: &Session, name: &str) -> Result<(), Error> {
    ///     session.rotate_id()?;
    ///     session.set_user(name)
    /// }
    ///
    /// fn log_out_but_keep_the_cart(session: &Session) -> Result<(), Error> {
    ///     session.rotate_id()?;
    ///     session.set_user(None)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::HeadSent`] and [`Error::Unknown`] as for [`Self::insert_bytes`]; [`Error::TooLarge`] when the name alone is
    /// longer than `session-max-bytes`.
    pub fn set_user<'u>(&self, user: impl Into<Option<&'u str>>) -> Result<(), Error> {
        let user = user.into();
        let mut state = self.0.state_for_changes()?;
        let (size, limit) = (user.map_or(0, str::len), self.0.web_app.config().session_max_bytes);
        if size > limit {
            return Err(Error::TooLarge { size, limit });
        }
        state.changes.user = Some(user.map(Into::into));
        Ok(())
    }

    /// Adds to an attribute and returns the sum. One that is not there counts as 0.
    ///
    /// This is carried out at once and exactly once, whatever other requests do at the same time
    /// and whatever becomes of this one.
    ///
    /// # Errors
    ///
    /// [`Error::NotANumber`], [`Error::Overflow`], [`Error::TooLarge`], [`Error::NoRandom`];
    /// [`Error::Ended`] and [`Error::Rotated`] when another request was faster; [`Error::Unknown`] as
    /// for [`Self::insert_bytes`];
    /// [`Error::HeadSent`] when there is no session and the response was returned already.
    pub async fn increment(&self, name: &str, by: i64) -> Result<i64, Error> {
        let _turn = self.0.turn().await;
        let pending = self.0.state().changes.get(name).cloned();
        let sum = Sum { name, by, pending: pending.as_ref() };
        let value = match self.0.find().await {
            Some(seat) => {
                let value = self.0.store.increment(&self.0.web_app, &seat, sum).await?;
                self.0.state().joined();
                value
            }
            None => {
                let (value, changes) = sum.of(None)?;
                self.0.state().is_known()?;
                let id = self.0.fresh_id(&mut *self.0.open_state()?)?;
                self.0.store.create(&self.0.web_app, id, &changes).await?;
                self.0.state().sit_down(id);
                value
            }
        };
        let mut state = self.0.state();
        if let Some(pending) = pending {
            state.changes.drop_if(name, &pending);
        }
        state.counted.insert(name.to_owned());
        Ok(value)
    }

    /// The id that the client will have after this response, or `None` without a session. A
    /// session that is still to be made, and one whose id is to be rotated, show their new id.
    ///
    /// # Errors
    ///
    /// [`Error::NoRandom`]; with `degraded = "refuse"` also [`Error::Unknown`] when nobody knows whether
    /// there is a session.
    pub async fn id(&self) -> Result<Option<SessionId>, Error> {
        Ok(self.0.outlook().await?.map(|(id, _)| id))
    }

    /// Whether the web-app's session began with this request.
    pub async fn is_new(&self) -> bool {
        self.0.seat().await;
        let state = self.0.state();
        match state.seat() {
            Some(seat) if seat.member => state.is_new,
            Some(_) | None => state.changes.sets_something(),
        }
    }

    /// Gives the session another id. To be called when the rights of a user change, at log-in above
    /// all: whoever knows the old id learns nothing of what comes now.
    ///
    /// # Errors
    ///
    /// [`Error::HeadSent`] when the response was returned already.
    pub fn rotate_id(&self) -> Result<(), Error> {
        self.0.open_state()?.rotate = true;
        Ok(())
    }

    /// Ends the session, for all web-apps that share it. What is set later in this request makes
    /// another one.
    ///
    /// # Errors
    ///
    /// [`Error::HeadSent`] when the response was returned already.
    pub fn destroy(&self) -> Result<(), Error> {
        self.0.open_state()?.destroy();
        Ok(())
    }

    /// A link to this host with the session id in it, for clients without cookies: before `?`,
    /// else before `#`, else at the end.
    ///
    /// The link comes back as it is when the id came from a cookie, when there is no session, when
    /// `enable-url-rewriting` is off, and when the link leads to another host or stays on its page.
    pub async fn encode_url(&self, url: &str) -> String {
        let web_app = &self.0.web_app;
        if web_app.config().enable_url_rewriting {
            // Without random bytes there will be no session either.
            let outlook = self.0.outlook().await.ok().flatten();
            let from_cookie = |origin| match origin {
                Origin::Cookie => true,
                Origin::Url => false,
                // A client that brings a cookie, even an old one, will keep the new one.
                Origin::Made => self.0.ids.cookie_sent,
            };
            if let Some((id, _)) = outlook.filter(|(_, origin)| !from_cookie(*origin)) {
                return encode(url, web_app.url_prefix(), &id);
            }
        }
        url.to_owned()
    }
}

impl fmt::Debug for Session {
    /// Without attributes and proofs, which have no place in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = &self.0.ids;
        f.debug_struct("Session")
            .field("cookie", &ids.cookie)
            .field("url", &ids.url)
            .finish_non_exhaustive()
    }
}
