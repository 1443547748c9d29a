//! Where another reader differs from the codec in what the codec accepts, with the reason.

use crate::reading::{Message, Reading};

/// A reader refuses, or stops before, a message that the codec accepts.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) reader: &'static str,
    /// Part of the reader's complaint; `None` when it stops without one.
    pub(crate) complaint: Option<&'static str>,
    /// Whether it may do so between the last message that it read and the next.
    fits: fn(Option<&Message>, &Message) -> bool,
    pub(crate) reason: &'static str,
}

/// A reader shows the same message in other words.
#[derive(Debug)]
pub(crate) struct Wording {
    pub(crate) readers: &'static [&'static str],
    /// Puts a message in the words that both are compared in.
    pub(crate) level: fn(&mut Message),
    pub(crate) reason: &'static str,
}

pub(crate) const WORDINGS: &[Wording] = &[
    Wording {
        readers: &["hyper", "h11", "llhttp"],
        level: |message| {
            if message.absolute && message.path == "*" {
                message.path = "/".to_owned();
            }
        },
        reason: "OPTIONS of an absolute URI without a path is OPTIONS * to a proxy (RFC 9112, \
                 3.2.4)",
    },
    Wording {
        readers: &["h11"],
        level: |message| {
            let codings = message.fields.iter_mut().filter(|(name, _)| name == "transfer-encoding");
            codings.for_each(|(_, value)| value.make_ascii_lowercase());
        },
        reason: "h11 writes the transfer coding in lower case",
    },
];

pub(crate) const STOPS: &[Stop] = &[
    Stop {
        reader: "h11",
        complaint: Some("no request line received"),
        fits: |_, _| true,
        reason: "h11 takes no empty line before a request; RFC 9112, 2.2 asks servers to",
    },
    Stop {
        reader: "h11",
        complaint: Some("closed"),
        fits: |last, _| last.is_some_and(|last| last.version == "1.0"),
        reason: "h11 closes after every request in HTTP/1.0, keep-alive or not",
    },
    Stop {
        reader: "h11",
        complaint: Some("bad Content-Length"),
        fits: |_, next| has(next, "transfer-encoding") && !has(next, "content-length"),
        reason: "h11 reads Content-Length in trailers; we drop all trailers",
    },
    Stop {
        reader: "llhttp",
        complaint: Some("InvalidMethodError"),
        fits: |_, next| !REGISTERED.contains(&next.method.as_str()),
        reason: "llhttp knows the registered methods only; others go on as they are",
    },
    Stop {
        reader: "llhttp",
        complaint: Some("Content-Length can't be present with Transfer-Encoding"),
        fits: |_, next| has(next, "transfer-encoding") && !has(next, "content-length"),
        reason: "llhttp refuses Content-Length in trailers; we drop all trailers",
    },
    Stop {
        reader: "llhttp",
        complaint: Some("Invalid character in chunk extensions"),
        fits: |_, next| has(next, "transfer-encoding"),
        reason: "llhttp reads chunk extensions; we drop them up to the one possible line end",
    },
    Stop {
        reader: "llhttp",
        complaint: Some("Invalid character in Content-Length"),
        fits: |_, next| has(next, "content-length"),
        reason: "llhttp takes no tab after the number; it is optional white space",
    },
    Stop {
        reader: "llhttp",
        complaint: None,
        fits: |last, _| last.is_some_and(|last| has(last, "upgrade")),
        reason: "llhttp leaves it to its caller to decline h2c and to go on",
    },
];

/// The methods that our streams use and llhttp knows.
const REGISTERED: &[&str] = &["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];

fn has(message: &Message, field: &str) -> bool {
    message.fields.iter().any(|(name, _)| name == field)
}

impl Stop {
    /// Whether this is why `theirs` ends early, having read some messages of `ours` alike.
    pub(crate) fn explains(&self, reader: &str, ours: &[Message], theirs: &Reading) -> bool {
        let complains = match (self.complaint, &theirs.refused) {
            (Some(complaint), Some(refused)) => refused.contains(complaint),
            (None, None) => true,
            _ => false,
        };
        let read = theirs.messages.len();
        complains
            && self.reader == reader
            && ours.starts_with(&theirs.messages)
            && ours.get(read).is_some_and(|next| (self.fits)(theirs.messages.last(), next))
    }
}
