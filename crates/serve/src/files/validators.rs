//! What tells one state of a file from another.

use std::time::{Duration, SystemTime};

use crate::files::file_answer::Fields;

/// The last second that `Last-Modified` can name: the end of the year 9999.
const LAST_SECOND: u64 = 253_402_300_799;

/// When a file was changed last, as the file system says: from 1970 on, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modified {
    /// Whole seconds; negative before 1970.
    pub seconds: i64,
    /// The rest.
    pub nanoseconds: i64,
}

/// What tells one state of a file from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validators {
    etag: String,
    modified: Option<SystemTime>,
}

impl Validators {
    /// The validators of a file that was changed at `modified` and has `size` bytes.
    ///
    /// A time before 1970, after 9999 or after `now` makes no `Last-Modified`.
    #[must_use]
    pub fn new(modified: Modified, size: u64, now: SystemTime) -> Self {
        let Modified { seconds, nanoseconds } = modified;
        // RFC 9110, 8.8.2.1: "An origin server with a clock MUST NOT generate a Last-Modified date
        // that is later than the server's time of message origination (Date)."
        let modified = u64::try_from(seconds)
            .ok()
            .filter(|seconds| *seconds <= LAST_SECOND)
            .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
            .filter(|modified| *modified <= now);
        Self { etag: format!("\"{seconds:x}-{nanoseconds:x}-{size:x}\""), modified }
    }

    /// The entity tag, with its quotes; strong.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// The value of `Last-Modified`, in whole seconds.
    #[must_use]
    pub fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// `ETag` and `Last-Modified`.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let modified = self.modified.map(httpdate::fmt_http_date);
        let modified = modified.map(|date| ("Last-Modified", date));
        [("ETag", self.etag.clone())].into_iter().chain(modified).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64, nanoseconds: i64, size: u64) -> Validators {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(LAST_SECOND + 10);
        Validators::new(Modified { seconds, nanoseconds }, size, now)
    }

    #[test]
    fn every_change_of_time_or_size_makes_another_tag() {
        let one = at(1_700_000_000, 5, 10);
        assert_eq!(one.etag(), "\"6553f100-5-a\"");
        for other in [at(1_700_000_001, 5, 10), at(1_700_000_000, 6, 10), at(1_700_000_000, 5, 11)]
        {
            assert_ne!(one.etag(), other.etag());
        }
        assert_eq!(one, at(1_700_000_000, 5, 10));
    }

    #[test]
    fn a_date_that_cannot_be_written_is_left_out() {
        let last = i64::try_from(LAST_SECOND).unwrap();
        #[rustfmt::skip]
        let cases = [
            // seconds       Last-Modified
            (0,              Some("Thu, 01 Jan 1970 00:00:00 GMT")),
            (784_111_777,    Some("Sun, 06 Nov 1994 08:49:37 GMT")),
            (last,           Some("Fri, 31 Dec 9999 23:59:59 GMT")),
            (last + 1,       None),
            (-1,             None),
            (i64::MIN,       None),
            (i64::MAX,       None),
        ];
        for (seconds, date) in cases {
            let fields = at(seconds, 999_999_999, 1).fields();
            let field = fields.iter().find(|(name, _)| *name == "Last-Modified");
            assert_eq!(field.map(|(_, value)| value.as_str()), date, "{seconds}");
        }
    }

    #[test]
    fn a_file_from_the_future_has_no_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        let modified = |seconds| Modified { seconds, nanoseconds: 0 };
        assert!(Validators::new(modified(100), 1, now).modified().is_some());
        assert!(Validators::new(modified(101), 1, now).modified().is_none());
    }
}
