//! What is done with a request: everything that can be decided without waiting for anyone.

use copal_config::cluster_index::ClusterIndex;
use copal_http1::field::FieldKind;
use copal_http1::refusal::Refusal;
use copal_http1::request_head::RequestHead;
use copal_protocol::cookie;
use copal_protocol::letters::Letters;
use copal_route::decision::Decision;
use copal_route::normal_path::NormalPath;

use crate::balance::choice::Choice;
use crate::balance::cluster::Cluster;
use crate::client::Peer;
use crate::facts::Facts;
use crate::file_plan::FilePlan;
use crate::forward::head::{OutgoingHead, RequestMark, says_https};
use crate::own::Own;
use crate::worker::Worker;

/// What is done with a request. It owns what it needs: the head that it was made from stays in
/// the client's buffer and is dropped with it.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) facts: Facts,
    pub(crate) target: Target,
}

/// Who answers.
#[derive(Debug)]
pub(crate) enum Target {
    /// One of these servers. The head as it goes to them was written.
    Cluster { index: ClusterIndex, choice: Choice },
    /// A file of ours.
    File(Box<FilePlan>),
    /// We ourselves, in a word.
    Own(Own),
}

impl From<Result<Box<FilePlan>, Own>> for Target {
    fn from(found: Result<Box<FilePlan>, Own>) -> Self {
        found.map_or_else(Self::Own, Self::File)
    }
}

impl Plan {
    /// Decides on the request at the front of `data`; `None` while its head is not complete.
    /// The head for a server goes into `out`.
    ///
    /// # Errors
    /// When the head is refused: nothing of it may leave us.
    pub(crate) fn of(
        worker: &Worker,
        peer: &Peer,
        data: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<Self>, Refusal> {
        let site = &worker.site;
        let Some(head) = RequestHead::parse(data, &site.head_limits)? else {
            return Ok(None);
        };
        let facts = Facts::of(&head);
        let own = |own| Ok(Some(Self { facts, target: Target::Own(own) }));
        if head.path == b"*" {
            // RFC 9110, 9.3.7: "An OPTIONS request with an asterisk ("*") as the request target
            // applies to the server in general rather than to a specific resource."
            return own(Own::new(200).with("Allow", ALLOWED.to_vec()));
        }
        let path = match NormalPath::of(head.path, worker.table.policy()) {
            Ok(path) => path,
            Err(bad) => return own(Own::new(bad.status())),
        };
        let asked = copal_route::request::Request {
            authority: head.authority,
            path: &path,
            query: head.query,
        };
        let target = match worker.table.decide(&asked) {
            Decision::LoadBalance { cluster: index, .. } => {
                let Some(cluster) = site.cluster(index) else {
                    return own(Own::new(503));
                };
                let secure = peer.trusted && says_https(&head.fields);
                let choice = cluster.choice(letters(cluster, &head, &path, secure));
                let mark = RequestMark {
                    process: site.household.process_mark,
                    request: worker.next_request(),
                };
                OutgoingHead { head: &head, path: path.forward(), peer, secure, mark }.write(out);
                Target::Cluster { index, choice }
            }
            Decision::Here { host, .. } => {
                FilePlan::of(&site.roots, host, path.text(), false, &head).into()
            }

            Decision::HereAt { host, path, .. } => {
                FilePlan::of(&site.roots, host, path.text(), true, &head).into()
            }
            Decision::Redirect { status, location, .. } => {
                Target::Own(Own::new(status).with("Location", location))
            }
            Decision::Refuse { status, .. } => Target::Own(Own::new(status)),
        };
        Ok(Some(Self { facts, target }))
    }
}

/// What we say that we can do, when asked about everything.
const ALLOWED: &[u8] = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// The letters of the session id that the request shows. The one in the URL was put there on
/// purpose, so it beats the one in the cookie.
fn letters(
    cluster: &Cluster,
    head: &RequestHead<'_>,
    path: &NormalPath<'_>,
    secure: bool,
) -> Option<Letters> {
    if !cluster.sticky_sessions {
        return None;
    }
    let in_path = path.session();
    if let Some(letters) = in_path.and_then(Letters::read_in_path) {
        return Some(letters);
    }
    let name = if secure { &cluster.ssl_session_cookie } else { &cluster.session_cookie };
    let mut cookies = cookie::find_all(head.values(FieldKind::Cookie), name);
    let in_cookie = cookies.next();
    if tracing::enabled!(tracing::Level::DEBUG) && cookies.next().is_some() {
        tracing::debug!(cluster = cluster.name, cookie = name, "ambiguous: the first counts");
    }
    let letters = in_cookie.and_then(Letters::read);
    if letters.is_none() && (in_path.is_some() || in_cookie.is_some()) {
        cluster.sticky_unknown("it is no session id");
    }
    letters
}
