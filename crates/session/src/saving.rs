//! Saving in between, while the request goes on, or after its head has left.

use crate::changes::Changes;
use crate::commit::touch;
use crate::error::Error;
use crate::handle::Handle;
use crate::save::Save;
use crate::version::Version;

/// Saves the attributes that were changed, and the user. What happens to the id waits for the response,
/// because the client must be told of it.
///
/// What was saved is changed no more. It stays when it could not be saved, unless a version was
/// insisted on: then it was meant for that version.
pub(crate) async fn save(handle: &Handle, only_if: Option<Version>) -> Result<(), Error> {
    let _turn = handle.turn().await;
    let changes = handle.state().changes.clone();
    let saved = if changes.is_empty() && only_if.is_none() {
        Ok(())
    } else {
        carry_out(handle, &changes, only_if).await
    };
    let mut state = handle.state();
    if saved.is_ok() || only_if.is_some() {
        state.changes.drop_those(&changes);
    }
    if let Some(seat) = state.seat() {
        // Whatever others have changed meanwhile is seen from now on.
        seat.loaded.forget();
    }
    saved
}

/// Saves what was left for the end of the response's body, once.
///
/// What cannot be saved is dropped: the client has its answer, and nobody is left to try again.
pub(crate) async fn finish(handle: &Handle) -> Result<(), Error> {
    let _turn = handle.turn().await;
    let changes = {
        let mut state = handle.state();
        if !std::mem::take(&mut state.awaits_end) || state.abandoned {
            return Ok(());
        }
        state.changes.clone()
    };
    if changes.is_empty() {
        let touches = handle.web_app.config().always_save_session;
        return if touches { touch(handle).await } else { Ok(()) };
    }
    let saved = carry_out(handle, &changes, None).await;
    handle.state().changes.drop_those(&changes);
    saved
}

async fn carry_out(
    handle: &Handle,
    changes: &Changes,
    only_if: Option<Version>,
) -> Result<(), Error> {
    let (store, web_app) = (&handle.store, &handle.web_app);
    let sets_something = changes.sets_something();
    let seat = handle.find().await;
    if seat.is_none() {
        handle.state().is_known()?;
    }
    match seat {
        Some(seat) if seat.member || (sets_something && only_if.is_none()) => {
            store.apply(web_app, &seat, Save { changes, rotation: None, only_if }).await?;
            let mut state = handle.state();
            state.joined();
            state.counted_user |= changes.user.is_some();
            state.counted.extend(changes.iter().map(|(name, _)| name.to_owned()));
            Ok(())
        }
        _ if only_if.is_some() => Err(Error::NotAsExpected),
        None if sets_something => {
            let id = handle.fresh_id(&mut *handle.open_state()?)?;
            store.create(web_app, id, changes).await?;
            handle.state().sit_down(id);
            Ok(())
        }
        _ => Ok(()),
    }
}
