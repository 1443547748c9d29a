//! What an application does with a session beside the response: save in between, insist on a version.

use crate::error::Error;
use crate::saving::save;
use crate::session::Session;
use crate::version::Version;

impl Session {
    /// Saves at once what was set and removed, and [whose session it is](Self::set_user); without this
    /// that happens when the response is returned. A new id, and the end of the session, wait for the
    /// response in any case. What is read afterwards is loaded anew, so that long requests see what
    /// others have changed meanwhile, whether or not there is anything to save.
    ///
    /// What cannot be saved stays as it was set, and is tried again by the next call, or when the
    /// response is returned.
    ///
    /// ```
    /// # use copal_session::{error::Error, session::Session};
    /// async fn import(session: &Session, lines: &[String]) -> Result<(), Error> {
    ///     for (number, line) in lines.iter().enumerate() {
    ///         session.insert("imported", number)?;
    ///         session.save().await?; // the page that shows the progress sees it
    /// #       let _ = line;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of a response whose session cannot be saved: [`Error::TooLarge`], [`Error::Ended`],
    /// [`Error::Rotated`], [`Error::Changed`], [`Error::Unknown`], [`Error::Unsaved`],
    /// [`Error::Unreached`], [`Error::NoRandom`]; [`Error::HeadSent`] when a session would have to be
    /// made and the response was returned already.
    pub async fn save(&self) -> Result<(), Error> {
        save(self.handle(), None).await
    }

    /// The same, if nobody has changed the session since [`Self::version`] told its version: all that
    /// was set is saved, or nothing. When it fails, for whatever reason, what was set is forgotten: ask for
    /// the version, read and set again. [`Error::Unreached`] alone leaves open whether it was saved.
    ///
    /// Everything counts as a change that any request can see: of other attributes and other web-apps
    /// that share the session too, and what this request saves or adds by itself.
    ///
    /// ```
    /// # use copal_session::{error::Error, session::Session};
    /// /// Takes one of a stock; `false` when there is none.
    /// async fn take(session: &Session) -> Result<bool, Error> {
    ///     loop {
    ///         let Some(version) = session.version().await? else { return Ok(false) };
    ///         let stock: u32 = session.get("stock").await?.unwrap_or(0);
    ///         let Some(left) = stock.checked_sub(1) else { return Ok(false) };
    ///         session.insert("stock", left)?;
    ///         session.insert("last-taken", stock)?;
    ///         match session.save_if(version).await {
    ///             Err(Error::NotAsExpected) => continue, // another request was faster
    ///             saved => return saved.map(|()| true),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotAsExpected`], also when the session has no place for this web-app any more; those of
    /// [`Self::save`].
    pub async fn save_if(&self, version: Version) -> Result<(), Error> {
        save(self.handle(), Some(version)).await
    }

    /// The last change of the session as this request sees it, for [`Self::save_if`]; `None` when the
    /// web-app has no session. To be asked for before what depends on it is read.
    ///
    /// # Errors
    ///
    /// As [`Self::get_bytes`].
    pub async fn version(&self) -> Result<Option<Version>, Error> {
        let handle = self.handle();
        let Some(seat) = handle.seat_to_read().await?.filter(|seat| seat.member) else {
            return Ok(None);
        };
        handle.store.version(&handle.web_app, &seat).await
    }

    /// Lets [`Self::insert`], [`Self::remove`] and [`Self::set_user`] go on after the response was
    /// returned, for streams and WebSockets. What they do is then saved by [`Self::save`] and
    /// [`Self::save_if`], and by nothing else; what was not saved when the last clone of the session is
    /// dropped is lost, and logged.
    ///
    /// This is for sessions that there are. One that is still to be made cannot be made any more, because
    /// its client could not be told of it: make it before. The id does not change after the response either.
    ///
    /// ```
    /// # use copal_session::{error::Error, session::Session};
    /// /// Runs for as long as the WebSocket is open.
    /// async fn talk(session: Session, messages: impl AsyncFn() -> Option<String>) -> Result<(), Error> {
    ///     session.keep_open();
    ///     while let Some(message) = messages().await {
    ///         session.insert("draft", message)?;
    ///         session.save().await?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub fn keep_open(&self) {
        self.handle().state().kept_open = true;
    }
}
