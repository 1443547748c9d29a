//! What a server can be asked.

use std::time::Duration;

use copal_protocol::state::Wish;

use crate::limits;

/// What a server can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// What it tells about itself.
    Status,
    /// Another state for itself, or for a server that it balances to.
    Wish {
        /// The id of the server whose state changes.
        server: String,
        /// Which state.
        wish: Wish,
    },
    /// To read its configuration again.
    Reload,
}

impl Question {
    /// The request that asks it of `host`, on a connection that is used once. The `token` must be
    /// fit for a field value.
    #[must_use]
    pub fn request(&self, host: &str, token: Option<&str>) -> String {
        let target = match self {
            Self::Status => "GET /status".to_owned(),
            Self::Wish { server, wish } => format!("POST /servers/{server}/{}", wish.as_str()),
            Self::Reload => "POST /reload".to_owned(),
        };
        let length = if *self == Self::Status { "" } else { "Content-Length: 0\r\n" };
        let proof = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let proof = proof.unwrap_or_default();
        format!("{target} HTTP/1.1\r\nHost: {host}\r\n{length}{proof}Connection: close\r\n\r\n")
    }

    /// How long the whole answer may take.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        match self {
            Self::Status | Self::Wish { .. } => limits::ANSWER_TIME,
            Self::Reload => limits::RELOAD_TIME,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_question_is_one_request() {
        let wish = Question::Wish { server: "app-a".to_owned(), wish: Wish::Drain };
        let table = [
            (
                Question::Status.request("copal", None),
                "GET /status HTTP/1.1\r\nHost: copal\r\nConnection: close\r\n\r\n",
            ),
            (
                wish.request("192.0.2.1:9900", Some("letmein")),
                "POST /servers/app-a/drain HTTP/1.1\r\nHost: 192.0.2.1:9900\r\n\
                 Content-Length: 0\r\nAuthorization: Bearer letmein\r\nConnection: close\r\n\r\n",
            ),
            (
                Question::Reload.request("copal", None),
                "POST /reload HTTP/1.1\r\nHost: copal\r\nContent-Length: 0\r\n\
                 Connection: close\r\n\r\n",
            ),
        ];
        for (request, expected) in table {
            assert_eq!(request, expected);
        }
    }
}
