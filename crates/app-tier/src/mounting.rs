//! Which application answers in which web-app.

use std::collections::HashMap;
use std::sync::Arc;

use copal_config::cluster::Cluster;
use copal_config::host::{Host, HostName, Hosts, NamedHost};
use copal_config::session_config::SessionConfig;
use copal_config::web_app::WebApp;
use copal_serve::files::root::Root;
use copal_session::sessions::Sessions;
use copal_session::web_app::WebApp as SessionsOfWebApp;
use tokio::runtime::Handle;

use crate::application::{Application, Ground, OfService};
use crate::demo::members::Members;
use crate::demo::service::Demo;
use crate::mount::Mount;
use crate::own_app::OwnApp;
use crate::site::Line;
use crate::start_error::StartError;

/// The name of the application that is always there.
const DEMO: &str = "demo";

/// Which application answers in which web-app; and what is mounted already, which stays as it is
/// when the file is read again and says the same.
pub(crate) struct Mounting {
    /// By context path of the default host.
    own: HashMap<String, OwnApp>,
    /// Of the applications that may block.
    runtime: Option<Handle>,
    sessions: Sessions,
    mounted: HashMap<Place, Mounted>,
    /// Also of web-apps that the file has no more: they may come back.
    parts: HashMap<Place, Part>,
    /// Mounts so far.
    count: u64,
}

/// Where a web-app is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    /// What names the host; empty for the default host.
    host: String,
    path: String,
}

/// The sessions of a web-app, with what they were begun with.
struct Part {
    settings: SessionConfig,
    sessions: Arc<SessionsOfWebApp>,
}

/// A mount, with what it was made from.
struct Mounted {
    settings: WebApp,
    members: Members,
    mount: Mount,
}

impl Mounting {
    /// Nothing is mounted yet.
    pub(crate) fn new(
        own: HashMap<String, OwnApp>,
        runtime: Option<Handle>,
        sessions: Sessions,
    ) -> Self {
        let (mounted, parts) = (HashMap::new(), HashMap::new());
        Self { own, runtime, sessions, mounted, parts, count: 0 }
    }

    /// Adds web-apps for the applications that have none in the configuration.
    pub(crate) fn complete(&self, cluster: &mut Cluster) {
        let session = cluster.session.clone();
        let web_apps = &mut cluster.hosts.default.web_apps;
        let missing =
            self.own.keys().filter(|&path| web_apps.iter().all(|web_app| web_app.path != *path));
        // No file has so many lines, so these are told apart from those of the file.
        let lines = (0..=usize::MAX).rev();
        let missing = missing.zip(lines).map(|(path, line)| WebApp {
            line,
            path: path.clone(),
            root: None,
            app: None,
            session: session.clone(),
        });
        let missing: Vec<WebApp> = missing.collect();
        web_apps.extend(missing);
    }

    /// Finds out what cannot be mounted.
    pub(crate) fn check(&self, cluster: &Cluster) -> Result<(), StartError> {
        if let Some(path) = self.own.keys().find(|path| !path.starts_with('/')) {
            return Err(StartError::Path { path: path.clone() });
        }
        for (place, web_app) in web_apps(cluster) {
            if let (None, Some(app)) = (self.own_app(&place), &web_app.app)
                && app != DEMO
            {
                let mut paths: Vec<&str> = self.own.keys().map(String::as_str).collect();
                paths.sort_unstable();
                let mut known = format!("\"{DEMO}\"");
                if !paths.is_empty() {
                    known.push_str(", and applications of its own at ");
                    known.push_str(&paths.join(", "));
                }
                let (line, app) = (web_app.line, app.clone());
                return Err(StartError::UnknownApp { line, app, known });
            }
        }
        Ok(())
    }

    /// All web-apps, ready to answer. When one of them cannot be mounted, nothing has changed.
    pub(crate) fn mounts(
        &mut self,
        cluster: &Cluster,
        members: &Members,
    ) -> Result<Vec<(Line, Mount)>, StartError> {
        let mut count = self.count;
        let (mut mounted, mut mounts) = (HashMap::new(), Vec::new());
        for (place, web_app) in web_apps(cluster) {
            let known = self.mounted.get(&place);
            let same = known.filter(|known| known.is_still(web_app, members));
            let mount = match same {
                Some(same) => same.mount.another(),
                None => {
                    count += 1;
                    self.mount(count, &place, web_app, (cluster, members))?
                }
            };
            mounts.push((web_app.line, mount.another()));
            let (settings, members) = (web_app.clone(), members.clone());
            mounted.insert(place, Mounted { settings, members, mount });
        }
        for (place, mounted) in &mounted {
            self.parts.entry(place.clone()).or_insert_with(|| Part {
                settings: mounted.settings.session.clone(),
                sessions: Arc::clone(&mounted.mount.sessions),
            });
        }
        (self.mounted, self.count) = (mounted, count);
        Ok(mounts)
    }

    /// A web-app that is new, or has changed. How its sessions are kept, it says but once.
    fn mount(
        &self,
        number: u64,
        place: &Place,
        web_app: &WebApp,
        (cluster, members): (&Cluster, &Members),
    ) -> Result<Mount, StartError> {
        let (application, ground): (Option<Box<dyn Application>>, _) = match self.own_app(place) {
            Some(own) => {
                let place = self.runtime.as_ref().filter(|_| !own.in_place);
                let ground = place.map(|runtime| Ground::Runtime(runtime.clone()));
                (Some(own.application.another()), ground.unwrap_or(Ground::InPlace))
            }
            None => {
                let demo = || Box::new(OfService(Demo::new(members, &web_app.path)));
                let demo = web_app.app.as_ref().map(|_| demo() as Box<dyn Application>);
                (demo, Ground::InPlace)
            }
        };
        let known = self.mounted.get(place).filter(|known| known.settings.root == web_app.root);
        let root = match known {
            Some(known) => known.mount.root.clone(),
            None => open(web_app)?,
        };
        let sessions = match self.parts.get(place) {
            Some(part) => Arc::clone(&part.sessions),
            None => {
                let place = (&*place.host, &*place.path);
                self.sessions.web_app(cluster, place, &web_app.session)
            }
        };
        Ok(Mount { number, path: web_app.path.clone(), root, application, ground, sessions })
    }

    /// Says of every web-app that was here before, perhaps with a time in between in which it was
    /// not, how its sessions are kept, which is as they were begun.
    pub(crate) fn keep_sessions(&self, cluster: &mut Cluster) {
        let Hosts { default, named } = &mut cluster.hosts;
        let named = named.iter_mut().map(|named| (name(named), &mut named.host));
        for (host, web_apps) in std::iter::once((String::new(), default)).chain(named) {
            for web_app in &mut web_apps.web_apps {
                let place = Place { host: host.clone(), path: web_app.path.clone() };
                if let Some(part) = self.parts.get(&place) {
                    web_app.session = part.settings.clone();
                }
            }
        }
    }

    fn own_app(&self, place: &Place) -> Option<&OwnApp> {
        self.own.get(&place.path).filter(|_| place.host.is_empty())
    }
}

impl Mounted {
    /// Whether nothing has to be mounted anew for these settings.
    fn is_still(&self, web_app: &WebApp, members: &Members) -> bool {
        self.settings.root == web_app.root
            && self.settings.app == web_app.app
            && self.members == *members
    }
}

/// Every web-app, with its place.
fn web_apps(cluster: &Cluster) -> impl Iterator<Item = (Place, &WebApp)> {
    let default = std::iter::once((String::new(), &cluster.hosts.default));
    let named = cluster.hosts.named.iter().map(|named| (name(named), &named.host));
    default.chain(named).flat_map(|(name, host)| of_host(name, host))
}

fn of_host(name: String, host: &Host) -> impl Iterator<Item = (Place, &WebApp)> {
    host.web_apps.iter().map(move |web_app| {
        let place = Place { host: name.clone(), path: web_app.path.clone() };
        (place, web_app)
    })
}

/// By what a named host is known again, here and on the other servers. The reader lets no host be without
/// any of it.
fn name(named: &NamedHost) -> String {
    let name = named.names.first().map(|name| match name {
        HostName::Exact(name) => name.clone(),
        HostName::Suffix(suffix) => format!("*{suffix}"),
    });
    let pattern = || named.regexp.as_ref().map(|regexp| format!("~{regexp}"));
    name.or_else(pattern).unwrap_or_else(|| "?".to_owned())
}

fn open(web_app: &WebApp) -> Result<Option<Arc<Root>>, StartError> {
    let Some(path) = &web_app.root else {
        return Ok(None);
    };
    let root = Root::open(path).map_err(|source| StartError::Root {
        line: web_app.line,
        path: path.clone(),
        source,
    })?;
    Ok(Some(Arc::new(root)))
}
