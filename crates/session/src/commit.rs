//! Carrying out what a request wanted of its session.

use copal_config::session_config::SaveMode;
use copal_protocol::session_id::SessionId;
use http::HeaderValue;

use crate::changes::Changes;
use crate::error::Error;
use crate::handle::Handle;
use crate::save::{Rotation, Save};
use crate::seat::{Origin, Seat};
use crate::session_cookie;
use crate::state::{OnlyChanges, Sitting, State};

/// Everything that is to be done, decided before anything is done.
struct Work {
    /// Sessions that end; only the first may be known to anybody else.
    end: Vec<Seat>,
    changes: Changes,
    target: Target,
}

/// What the changes are made to.
enum Target {
    Nothing,
    New(SessionId),
    Present(Seat, Option<Rotation>),
}

/// What is carried out before the head of the response leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Everything.
    Everything,
    /// What the client must be told of; and the rest, if the web-app's `save-mode` wants that.
    AsConfigured,
}

/// Carries out what was wanted, takes no more changes from now on, and returns the cookie that the
/// client must be told.
pub(crate) async fn commit(handle: &Handle, before: Before) -> Result<Option<HeaderValue>, Error> {
    let _turn = handle.turn().await;
    let (wants_something, is_about_presented) = {
        let mut state = handle.state();
        state.closed = true;
        (state.wants_something(), state.is_about_presented())
    };
    if is_about_presented {
        handle.ask().await;
        handle.state().is_known()?;
    }
    handle.look_at_letters().await;
    let put_off = before == Before::AsConfigured && put_off(handle).await?;
    if put_off {
        // What is left is saved by whoever was told to.
    } else if wants_something {
        let work = plan(handle, &mut handle.state())?;
        carry_out(handle, work).await?;
    } else if handle.web_app.config().always_save_session {
        touch(handle).await?;
    }
    Ok(cookie(handle))
}

/// Leaves it for later, where the web-app wants that, to save what the client need not be told of.
async fn put_off(handle: &Handle) -> Result<bool, Error> {
    let (changes, seat) = {
        let mut state = handle.state();
        let mode = handle.web_app.config().save_mode;
        state.awaits_end = mode == SaveMode::AfterRequest;
        match (mode, state.only_changes()) {
            (SaveMode::BeforeHeaders, _) | (_, OnlyChanges::No) => return Ok(false),
            (SaveMode::AfterRequest, _) => return Ok(true),
            (SaveMode::OnShutdown, OnlyChanges::None) => return Ok(false),
            (SaveMode::OnShutdown, OnlyChanges::Of(seat)) => (state.changes.clone(), seat),
        }
    };
    let held = handle.store.hold(&handle.web_app, &seat, &changes).await?;
    if held {
        handle.state().changes.drop_those(&changes);
    }
    Ok(held)
}

/// Counts as use of the session, if the request has loaded it and nothing of it was saved.
pub(crate) async fn touch(handle: &Handle) -> Result<(), Error> {
    let seat = {
        let state = handle.state();
        let saved = state.counted_user || !state.counted.is_empty();
        let idle = state.made.is_none() && !saved;
        state.seat().filter(|seat| idle && seat.member && seat.was_current)
    };
    let Some(seat) = seat else { return Ok(()) };
    match handle.store.touch(&handle.web_app, &seat).await {
        // Nothing was to be saved that could be lost by that.
        Err(error) if error.is_the_clients_own() => Ok(()),
        touched => touched,
    }
}

/// Takes what is wanted out of the state. Nothing is done yet, so nothing is half done when it is
/// refused.
fn plan(handle: &Handle, state: &mut State) -> Result<Work, Error> {
    let changes = std::mem::take(&mut state.changes);
    let rotate = std::mem::take(&mut state.rotate);
    let target = match state.sitting() {
        Sitting::Here(seat) => {
            let takes_part = seat.member || changes.sets_something();
            if rotate && takes_part {
                if !seat.was_current {
                    return Err(Error::Rotated);
                }
                let next = handle.rotated_id(state, &seat)?;
                let own = std::mem::take(&mut state.counted);
                let own_user = std::mem::take(&mut state.counted_user);
                Target::Present(seat, Some(Rotation { next, own, own_user }))
            } else if takes_part && !changes.is_empty() {
                Target::Present(seat, None)
            } else {
                Target::Nothing
            }
        }
        Sitting::Nowhere | Sitting::Unknown => {
            if changes.sets_something() {
                Target::New(handle.fresh_id(state)?)
            } else {
                Target::Nothing
            }
        }
    };
    let end_found = std::mem::take(&mut state.end_found);
    // What only other web-apps have is not this one's to end.
    let found = state.found.clone().flatten().filter(|seat| end_found && seat.member);
    let made = std::mem::take(&mut state.end_made);
    let end = found.into_iter().chain(made).collect();
    Ok(Work { end, changes, target })
}

async fn carry_out(handle: &Handle, work: Work) -> Result<(), Error> {
    let (store, web_app) = (&handle.store, &handle.web_app);
    // What ends does not come back, so it goes last: when anything fails before, the client still
    // has what it had, and what was made is ended again by whoever abandons the request.
    match work.target {
        Target::Nothing => {}
        Target::New(id) => {
            store.create(web_app, id, &work.changes).await?;
            handle.state().sit_down(id);
        }
        Target::Present(seat, rotation) => {
            let (changes, rotation) = (&work.changes, rotation.as_ref());
            store.apply(web_app, &seat, Save { changes, rotation, only_if: None }).await?;
            let mut state = handle.state();
            state.joined();
            if let Some(rotation) = rotation {
                state.rotated_to(rotation.next);
            }
        }
    }
    let mut ends = work.end.into_iter();
    if let Some(first) = ends.next() {
        let ended = store.end(&first).await;
        // What this request made is not to be forgotten.
        ended.inspect_err(|_| handle.state().end_made.extend(ends.clone()))?;
    }
    for seat in ends {
        store.end(&seat).await?;
    }
    Ok(())
}

/// Takes no more changes and ends what this request made.
pub(crate) async fn abandon(handle: &Handle) {
    let _turn = handle.turn().await;
    let made = handle.state().abandon();
    for seat in made {
        // One that is gone already is no error, and nobody else knows its proof.
        let _ = handle.store.end(&seat).await;
    }
}

/// What the client must be told: an id that it has not got, or that the one it has is no more.
fn cookie(handle: &Handle) -> Option<HeaderValue> {
    let (web_app, secure) = (&handle.web_app, handle.ids.secure);
    let state = handle.state();
    if let Some(id) = state.untold {
        return session_cookie::keep(web_app, secure, &id);
    }
    // A client that came by a link has it in the links that it gets.
    let seat = state.seat().filter(|seat| seat.member && seat.origin == Origin::Cookie);
    if let Some(id) = seat.and_then(|_| state.moved.flatten()) {
        return session_cookie::keep(web_app, secure, &id);
    }
    let others = state.found.as_ref().and_then(Option::as_ref).is_some_and(|seat| {
        // The cookie is that of another web-app, which still has its session.
        seat.origin == Origin::Cookie && !seat.member
    });
    if state.destroyed && handle.ids.cookie_sent && !others && !state.unknown {
        return session_cookie::forget(web_app, secure);
    }
    None
}
