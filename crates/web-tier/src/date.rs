//! The value of `Date`, made once a second.

use std::cell::Cell;

/// Length of an HTTP date, RFC 9110, 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
const LENGTH: usize = 29;

/// Ticks of the thread's deadlines in a second.
const TICKS: u64 = 10;

/// The value of `Date`, made once a second by each thread.
#[derive(Debug)]
pub(crate) struct DateClock {
    made: Cell<u64>,
    text: Cell<[u8; LENGTH]>,
}

impl Default for DateClock {
    fn default() -> Self {
        Self { made: Cell::new(0), text: Cell::new(text()) }
    }
}

impl DateClock {
    /// The date, at most a second old; `ticks` are those of the thread's deadlines.
    pub(crate) fn value(&self, ticks: u64) -> [u8; LENGTH] {
        if ticks.saturating_sub(self.made.get()) >= TICKS {
            self.made.set(ticks);
            self.text.set(text());
        }
        self.text.get()
    }
}

fn text() -> [u8; LENGTH] {
    let date = httpdate::fmt_http_date(copal_serve::clock::wall());
    // Every HTTP date has this length; what would not have it is not sent.
    date.into_bytes().try_into().unwrap_or([b' '; LENGTH])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_one_and_is_made_again_after_a_second() {
        let clock = DateClock::default();
        let date = String::from_utf8(clock.value(3).to_vec()).unwrap();
        assert!(httpdate::parse_http_date(&date).is_ok(), "{date}");
        clock.text.set([b'x'; LENGTH]);
        assert_eq!(clock.value(9), [b'x'; LENGTH]);
        assert_ne!(clock.value(10), [b'x'; LENGTH]);
    }
}
