//! The wish of a request to change the protocol of its connection, and what becomes of it.

use http::header::{CONNECTION, UPGRADE};
use http::{HeaderMap, Request, Response, StatusCode, Version};
use hyper::upgrade::OnUpgrade;

use crate::caller::Caller;
use crate::conversation::Turn;
use crate::reply_body::ReplyBody;
use crate::respond;

/// The wish of a request to change the protocol of its connection.
#[derive(Debug)]
pub(crate) struct Upgrade {
    asked: bool,
    handle: Option<OnUpgrade>,
}

impl Upgrade {
    /// What `request` wishes.
    pub(crate) fn asked_by<B>(request: &Request<B>) -> Self {
        Self {
            asked: asks(request.version(), request.headers()),
            handle: request.extensions().get::<OnUpgrade>().cloned(),
        }
    }

    /// What becomes of it, the answer says; one that may not be is refused.
    #[expect(clippy::result_large_err, reason = "an answer is no rare thing here")]
    pub(crate) fn settle(
        self,
        caller: &Caller,
        turn: Turn,
        answered: Result<Response<ReplyBody>, Response<ReplyBody>>,
    ) -> Result<Response<ReplyBody>, Response<ReplyBody>> {
        let status = answered.as_ref().map(Response::status);
        let switches = status.is_ok_and(|status| status == StatusCode::SWITCHING_PROTOCOLS);
        if self.asked {
            caller.conversation.decide(turn, switches);
        }
        if self.handle.is_some() {
            let declined = self.handle.filter(|_| !switches || !self.asked);
            caller.declined.replace(declined);
        }
        if switches && !self.asked {
            tracing::error!("an application answered 101 to a request that asked for no upgrade");
            return Err(respond::refusal(500, ""));
        }
        answered
    }
}

/// Whether both fields that it takes are there.
fn asks(version: Version, fields: &HeaderMap) -> bool {
    let named = |value: &http::HeaderValue| {
        let mut options = value.as_bytes().split(|&byte| byte == b',');
        options.any(|option| option.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
    };
    // RFC 9110, 7.8: "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0
    // request."
    version == Version::HTTP_11
        && fields.contains_key(UPGRADE)
        && fields.get_all(CONNECTION).iter().any(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upgrades_are_asked_for_with_both_fields_in_http_1_1() {
        #[rustfmt::skip]
        let table = [
            (Version::HTTP_11, "Upgrade",             true,  true),
            (Version::HTTP_11, "keep-alive, upgrade", true,  true),
            (Version::HTTP_11, "close",               true,  false),
            (Version::HTTP_11, "upgrade",             false, false),
            (Version::HTTP_10, "upgrade",             true,  false),
        ];
        for (version, connection, upgrade, expected) in table {
            let mut fields = HeaderMap::new();
            fields.insert(CONNECTION, connection.parse().unwrap());
            if upgrade {
                fields.insert(UPGRADE, "websocket".parse().unwrap());
            }
            assert_eq!(asks(version, &fields), expected, "{connection}");
        }
    }
}
