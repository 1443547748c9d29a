//! Looks at the cluster every second until Ctrl-C.

use std::io;
use std::thread;
use std::time::SystemTime;

use tokio::sync::oneshot;
use tokio::time::{MissedTickBehavior, interval};

use crate::failure::Failure;
use crate::interruption::Interruption;
use crate::limits;
use crate::look::{Form, Look};
use crate::terminal;

/// Shows the cluster every second: on a terminal in place, else one look after the other. Ends
/// at Ctrl-C, and when nobody reads it any more.
///
/// # Errors
/// When the system refuses threads or signals.
pub fn run(look: Look, form: Form) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut interruption = Interruption::listen()?;
        tokio::select! {
            ended = repeat(look, form) => ended,
            () = interruption.next() => Ok(()),
        }
    })
}

async fn repeat(mut look: Look, form: Form) -> Result<(), Failure> {
    let in_place = matches!(form, Form::Text { .. }) && terminal::is_terminal();
    let mut ticks = interval(limits::WATCH_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_first = true;
    loop {
        ticks.tick().await;
        let text;
        (look, text) = once(look, form).await?;
        let text = match (in_place, form) {
            (_, Form::Object | Form::Line) => text,
            (true, Form::Text { .. }) => redrawn(&titled(&text, now()), is_first),
            (false, Form::Text { .. }) if is_first => titled(&text, now()),
            // A line between two looks.
            (false, Form::Text { .. }) => format!("\n{}", titled(&text, now())),
        };
        is_first = false;
        // Whoever read this has gone, and so has the reason to go on.
        if terminal::try_show(&text).is_err() {
            return Ok(());
        }
    }
}

/// One look, on a thread of its own: servers that hang must not hold Ctrl-C up.
async fn once(mut look: Look, form: Form) -> io::Result<(Look, String)> {
    let (sender, receiver) = oneshot::channel();
    thread::Builder::new().name("look".to_owned()).spawn(move || {
        look.refresh();
        let told = look.ask();
        let text = look.show(&told, form);
        // Nobody waits for it any more after Ctrl-C.
        drop(sender.send((look, text)));
    })?;
    receiver.await.map_err(io::Error::other)
}

/// The text below the time of day, so many seconds after the epoch.
fn titled(text: &str, seconds: u64) -> String {
    let (hours, minutes) = (seconds / 3600 % 24, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02} UTC\n\n{text}", seconds % 60)
}

#[expect(clippy::disallowed_methods, reason = "the time of a look is shown above it")]
fn now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since_epoch.map(|time| time.as_secs()).unwrap_or_default()
}

/// The text over what stands on the terminal, without a moment in which nothing is there.
fn redrawn(text: &str, is_first: bool) -> String {
    let begin = if is_first { "\x1b[2J\x1b[H" } else { "\x1b[H" };
    let lines: String = text.lines().map(|line| format!("{line}\x1b[K\n")).collect();
    format!("{begin}{lines}\x1b[J")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_look_has_its_time() {
        assert_eq!(titled("a\n", 1_700_000_000), "22:13:20 UTC\n\na\n");
        assert_eq!(titled("", 86_399), "23:59:59 UTC\n\n");
    }

    #[test]
    fn nothing_of_the_last_look_is_left() {
        assert_eq!(redrawn("a\nb\n", true), "\x1b[2J\x1b[Ha\x1b[K\nb\x1b[K\n\x1b[J");
        assert_eq!(redrawn("a\n", false), "\x1b[Ha\x1b[K\n\x1b[J");
    }
}
