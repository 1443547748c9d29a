//! The way of a request through hosts and rules to a web-app.

use copal_route::decision::Decision;
use copal_route::host::Host;
use copal_route::normal_path::NormalPath;
use copal_route::request::Request as Question;
use http::{HeaderValue, Response, Uri};

use crate::client_info::ClientInfo;
use crate::destination::Destination;
use crate::mount::Mount;
use crate::reply_body::ReplyBody;
use crate::respond;
use crate::site::Site;

/// The web-app that `uri` leads to and where in it, or the answer of whatever stands in the way.
#[expect(clippy::result_large_err, reason = "an answer is no rare thing here")]
pub(crate) fn find<'s>(
    site: &'s Site,
    client: &ClientInfo,
    uri: &Uri,
) -> Result<(&'s Mount, Destination), Response<ReplyBody>> {
    let path = NormalPath::of(uri.path().as_bytes(), site.table.policy())
        .map_err(|bad| respond::refusal(bad.status(), &bad.to_string()))?;
    let authority = client.authority.as_ref().map(HeaderValue::as_bytes);
    let question = Question {
        authority: authority.unwrap_or_default(),
        path: &path,
        query: uri.query().map(str::as_bytes),
    };
    let found = |host: &'s Host, to: &NormalPath<'_>, query: Option<&[u8]>| {
        let mount = host.web_app(to.text()).and_then(|web_app| site.mount(web_app));
        let mount = mount.ok_or_else(|| respond::refusal(404, ""))?;
        let mut destination = Destination::new(mount, uri, to, query);
        // Which session it is, the client's own path says.
        destination.session = path.session().map(<[u8]>::to_vec);
        Ok((mount, destination))
    };
    match site.table.decide(&question) {
        Decision::Here { host, .. } => found(host, &path, question.query),
        Decision::HereAt { host, path, query, .. } => {
            let (mount, mut destination) = found(host, &path, query.as_deref())?;
            destination.dispatched = true;
            Ok((mount, destination))
        }
        Decision::Redirect { status, location, .. } => Err(respond::redirect(status, &location)),
        Decision::Refuse { status, .. } => Err(respond::refusal(status, "")),
        // A server with such a rule does not start.
        Decision::LoadBalance { .. } => Err(respond::refusal(500, "")),
    }
}
