//! The demo application: from a request to the part that answers it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use copal_session::session::Session;
use http::{Method, Request, Response};
use tower::Service;

use crate::body::Body;
use crate::demo::demo_body::DemoBody;
use crate::demo::home::Home;
use crate::demo::members::Members;
use crate::demo::outcome::{Outcome, Trouble};
use crate::demo::resource::Resource;
use crate::demo::{attributes, counter, echo, forms, made, websocket};

/// The demo application.
#[derive(Debug, Clone)]
pub struct Demo(Arc<Home>);

impl Demo {
    /// The application at context path `path`, on one of `members`.
    #[must_use]
    pub fn new(members: &Members, path: &str) -> Self {
        Self(Arc::new(Home {
            members: members.clone(),
            context: format!("{}/", path.trim_end_matches('/')),
        }))
    }
}

impl Service<Request<Body>> for Demo {
    type Response = Response<DemoBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<DemoBody>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let home = Arc::clone(&self.0);
        Box::pin(async move {
            let answer = answer(&home, request).await;
            Ok(answer.unwrap_or_else(|trouble| trouble.answer()))
        })
    }
}

async fn answer(home: &Home, request: Request<Body>) -> Outcome {
    let path = request.uri().path().to_owned();
    let resource = Resource::at(&path).ok_or(Trouble::NotFound)?;
    if !resource.allows(request.method()) {
        let allowed = resource.allowed().unwrap_or_default();
        return Err(Trouble::Method { allowed });
    }
    let session = Session::of(&request);
    match resource {
        Resource::Page => counter::visit(home, &session, request.headers()).await,
        Resource::Counter => counter::count(home, &session).await,
        Resource::Session if *request.method() == Method::DELETE => {
            attributes::destroy(home, &session).await
        }
        Resource::Session => attributes::show(home, &session).await,
        Resource::Attribute(name) => attributes::change(home, &session, name, request).await,
        Resource::Rotation => attributes::rotate(home, &session, request.headers()).await,
        Resource::Form => forms::set_attribute(home, &session, request.into_body()).await,
        Resource::Logout => forms::log_out(home, &session),
        Resource::Echo => echo::echo(home, request).await,
        Resource::Bytes(count) => made::bytes(count),
        Resource::Sleep(time) => made::sleep(home, time).await,
        Resource::Status(code) => made::status(home, code),
        Resource::Cache(seconds) => made::cacheable(home, seconds),
        Resource::WebSocket => websocket::echo(request).await,
    }
}
