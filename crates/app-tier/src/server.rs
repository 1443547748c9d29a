//! An app-tier server: the configuration, and the applications that are compiled in.

use std::collections::HashMap;
use std::sync::Arc;

use copal_config::config::Config;
use copal_serve::drain::Drain;
use copal_serve::process::Source;
use copal_serve::{log, signals};
use http::{Request, Response};
use tower::Service;

use crate::application::{Application, OfService};
use crate::assembly;
use crate::body::Body;
use crate::box_error::BoxError;
use crate::own_app::OwnApp;
use crate::running::Running;
use crate::start_error::StartError;

/// An app-tier server, on its way to be started.
pub struct Server {
    config: Arc<Config>,
    id: String,
    /// By context path of the default host.
    own: HashMap<String, OwnApp>,
    /// Where the configuration can be read again.
    source: Option<Source>,
}

impl Server {
    /// The server `id` of `config`.
    #[must_use]
    pub fn new(config: impl Into<Arc<Config>>, id: &str) -> Self {
        Self { config: config.into(), id: id.to_owned(), own: HashMap::new(), source: None }
    }

    /// Lets the server read its configuration again while it runs. Without a source it refuses to.
    #[must_use]
    pub fn source(self, source: Source) -> Self {
        Self { source: Some(source), ..self }
    }

    /// Serves `service` at a context path of the default host, in the place of what the
    /// configuration may have there; static files and session-config of the configuration's
    /// web-app at this path stay. The service sees paths below the context path.
    ///
    /// Handlers run on a runtime of their own with `workers` threads.
    #[must_use]
    pub fn web_app<S, B>(self, path: &str, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.add(path, Box::new(OfService(service)), false)
    }

    /// The same for a service that never blocks, not even for a moment: it runs on the thread of
    /// the connection, which spares each request two changes of thread. Whatever it computes, all
    /// other connections of the thread wait for.
    #[must_use]
    pub fn in_place<S, B>(self, path: &str, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send,
        B: http_body::Body + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.add(path, Box::new(OfService(service)), true)
    }

    fn add(mut self, path: &str, application: Box<dyn Application>, in_place: bool) -> Self {
        // `/shop/` and `/shop` are one context path.
        let path = match path.trim_end_matches('/') {
            "" if path.starts_with('/') => "/",
            path => path,
        };
        let own = OwnApp { application, in_place };
        self.own.insert(path.to_owned(), own);
        self
    }

    /// Runs until SIGTERM or SIGINT, and until what runs then is done. Log lines go to standard
    /// error, as section `[log]` of the file says.
    ///
    /// # Errors
    /// When it cannot be started, or a thread of it fails.
    pub fn run(self) -> Result<(), StartError> {
        log::begin(self.config.log);
        let drain = Drain::default();
        signals::stop_on_termination(&drain, self.config.limits.drain_time)?;
        assembly::start(&self.config, &self.id, self.own, self.source, drain)?.wait()
    }

    /// Starts it, and returns as soon as connections are taken. The caller stops it.
    ///
    /// # Errors
    /// When it cannot be started; then nothing of it runs.
    pub fn start(self) -> Result<Running, StartError> {
        assembly::start(&self.config, &self.id, self.own, self.source, Drain::default())
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut own: Vec<&String> = self.own.keys().collect();
        own.sort();
        f.debug_struct("Server")
            .field("id", &self.id)
            .field("own", &own)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
