//! Where in a web-app a request leads.

use bytes::Bytes;
use copal_route::normal_path::NormalPath;
use http::Uri;
use http::uri::{InvalidUri, PathAndQuery};

use crate::mount::Mount;

/// Where in a web-app a request leads.
#[derive(Debug)]
pub(crate) struct Destination {
    /// The value of the session parameter.
    pub(crate) session: Option<Vec<u8>>,
    /// The decoded path from the host's root on; only for web-apps with files.
    pub(crate) text: Vec<u8>,
    /// A rule led to another path than the client's.
    pub(crate) dispatched: bool,
    /// Path and query as the application sees them; `None` when the request's own will do.
    target: Option<Vec<u8>>,
}

impl Destination {
    /// The way to `path` in `mount`, for a request that was sent to `written`.
    pub(crate) fn new(
        mount: &Mount,
        written: &Uri,
        path: &NormalPath<'_>,
        query: Option<&[u8]>,
    ) -> Self {
        let whole = path.without_session();
        let inside = mount.inside(&whole);
        let same = written.authority().is_none()
            && written.path().as_bytes() == inside
            && written.query().map(str::as_bytes) == query;
        let target = || {
            let mut target = inside.to_vec();
            if let Some(query) = query {
                target.push(b'?');
                target.extend_from_slice(query);
            }
            target
        };
        let text = mount.root.as_ref().map(|_| path.text().to_vec());
        Self {
            session: None,
            text: text.unwrap_or_default(),
            dispatched: false,
            target: (!same).then(target),
        }
    }

    /// What the application sees as the request's target; `None` when the request's own will do.
    pub(crate) fn uri(self) -> Result<Option<Uri>, InvalidUri> {
        let target = self.target.map(|target| PathAndQuery::from_maybe_shared(Bytes::from(target)));
        Ok(target.transpose()?.map(Uri::from))
    }
}

#[cfg(test)]
mod tests {
    use copal_config::cluster::{Cluster, Tier};
    use copal_config::limits::Limits;
    use copal_route::path_policy::PathPolicy;

    use super::*;

    fn policy() -> PathPolicy {
        PathPolicy::new(&Cluster::new("app-tier", Tier::App), &Limits::default())
    }

    #[test]
    fn an_application_sees_its_own_part_of_a_clean_path() {
        #[rustfmt::skip]
        let cases = [
            // context   written                            seen
            ("/",        "/a?x=1",                          None),
            ("/",        "/a/../b?x=1",                     Some("/b?x=1")),
            ("/",        "/a;jsessionid=abc/c;v=1",         Some("/a/c;v=1")),
            ("/",        "http://a.example/b",              Some("/b")),
            ("/shop",    "/shop",                           Some("/")),
            ("/shop",    "/shop?x",                         Some("/?x")),
            ("/shop",    "/shop/",                          Some("/")),
            ("/shop",    "/shop;v=1/cart",                  Some("/cart")),
            ("/shop",    "/shop/cart/2?x",                  Some("/cart/2?x")),
            ("/a/b",     "/a/b/c",                          Some("/c")),
        ];
        let policy = policy();
        for (context, written, seen) in cases {
            let mount = Mount::for_test(context);
            let uri: Uri = written.parse().unwrap();
            let path = NormalPath::of(uri.path().as_bytes(), &policy).unwrap();
            let query = uri.query().map(str::as_bytes);
            let destination = Destination::new(&mount, &uri, &path, query);
            let uri = destination.uri().unwrap().map(|uri| uri.to_string());
            assert_eq!(uri.as_deref(), seen, "{context} {written}");
        }
    }
}
