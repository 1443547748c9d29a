//! Which application answers in which web-app.

use std::collections::HashMap;
use std::sync::Arc;

use copal_config::cluster::Cluster;
use copal_config::host::Host;
use copal_config::web_app::WebApp;
use copal_serve::files::root::Root;
use copal_session::sessions::Sessions;
use tokio::runtime::Runtime;

use crate::application::{Application, Ground, OfService};
use crate::demo::members::Members;
use crate::demo::service::Demo;
use crate::mount::Mount;
use crate::own_app::OwnApp;
use crate::site::Line;
use crate::start_error::StartError;

/// The name of the application that is always there.
const DEMO: &str = "demo";

/// Which application answers in which web-app.
pub(crate) struct Mounting {
    /// The cluster, with a web-app for each application that was handed in.
    pub(crate) cluster: Cluster,
    own: HashMap<String, OwnApp>,
}

impl Mounting {
    /// Adds web-apps for the applications that have none in the configuration.
    pub(crate) fn new(mut cluster: Cluster, own: HashMap<String, OwnApp>) -> Self {
        let session = cluster.session.clone();
        let web_apps = &mut cluster.hosts.default.web_apps;
        let missing =
            own.keys().filter(|&path| web_apps.iter().all(|web_app| web_app.path != *path));
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
        Self { cluster, own }
    }

    /// Finds out what cannot be mounted.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        if let Some(path) = self.own.keys().find(|path| !path.starts_with('/')) {
            return Err(StartError::Path { path: path.clone() });
        }
        for (own, web_app) in self.web_apps() {
            if let (None, Some(app)) = (own, &web_app.app)
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

    /// Whether an application may block.
    pub(crate) fn needs_runtime(&self) -> bool {
        self.own.values().any(|own| !own.in_place)
    }

    /// All web-apps, ready to answer.
    pub(crate) fn mounts(
        &mut self,
        sessions: &Sessions,
        members: &Members,
        runtime: Option<&Runtime>,
    ) -> Result<Vec<(Line, Mount)>, StartError> {
        let mut mounts = Vec::new();
        for (own, web_app) in self.web_apps() {
            let (application, ground): (Option<Box<dyn Application>>, _) = match own {
                Some(own) => {
                    let place = runtime.filter(|_| !own.in_place);
                    let ground = place.map(|runtime| Ground::Runtime(runtime.handle().clone()));
                    let ground = ground.unwrap_or(Ground::InPlace);
                    (Some(own.application.another()), ground)
                }
                None => {
                    let demo = || Box::new(OfService(Demo::new(members, &web_app.path)));
                    let demo = web_app.app.as_ref().map(|_| demo() as Box<dyn Application>);
                    (demo, Ground::InPlace)
                }
            };
            let mount = Mount {
                path: web_app.path.clone(),
                root: open(web_app)?,
                application,
                ground,
                sessions: sessions.web_app(&self.cluster, &web_app.path, &web_app.session),
            };
            mounts.push((web_app.line, mount));
        }
        Ok(mounts)
    }

    /// Every web-app, with the application that was handed in for it.
    fn web_apps(&self) -> impl Iterator<Item = (Option<&OwnApp>, &WebApp)> {
        let hosts = &self.cluster.hosts;
        let default = hosts.default.web_apps.iter();
        let default = default.map(|web_app| (self.own.get(&web_app.path), web_app));
        let named = hosts.named.iter().flat_map(|named| web_apps(&named.host));
        default.chain(named.map(|web_app| (None, web_app)))
    }
}

fn web_apps(host: &Host) -> &[WebApp] {
    &host.web_apps
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
