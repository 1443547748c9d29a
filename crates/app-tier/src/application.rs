//! An application: anything that makes an answer of a request.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

use http::{Request, Response};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tower::Service;

use crate::any_body::AnyBody;
use crate::body::Body;
use crate::box_error::BoxError;
use crate::panicked::said;

/// What an application makes of a request.
type Answer = Result<Response<AnyBody>, BoxError>;

/// Why an application gave no answer. The client gets a 500 and no word of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplicationError {
    #[error("{0}")]
    Failed(BoxError),
    #[error("it panicked: {0}")]
    Panicked(String),
    #[error("it was stopped")]
    Stopped,
}

/// Where an application runs.
#[derive(Debug, Clone)]
pub(crate) enum Ground {
    /// On the connection's own thread: it never blocks.
    InPlace,
    /// On the runtime of all applications.
    Runtime(Handle),
}

/// An application, without its type. Each worker thread has its own.
pub(crate) trait Application: Send {
    fn call(&self, request: Request<Body>) -> Pin<Box<dyn Future<Output = Answer> + Send>>;
    fn another(&self) -> Box<dyn Application>;
}

/// An application made of a service.
pub(crate) struct OfService<S>(pub(crate) S);

impl<S, B> Application for OfService<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: http_body::Body + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn call(&self, request: Request<Body>) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        let mut service = self.0.clone();
        Box::pin(async move {
            poll_fn(|context| service.poll_ready(context)).await.map_err(Into::into)?;
            let answer = service.call(request).await.map_err(Into::into)?;
            Ok(answer.map(AnyBody::new))
        })
    }

    fn another(&self) -> Box<dyn Application> {
        Box::new(Self(self.0.clone()))
    }
}

/// The answer of `application`, made on its ground. Dropping the future gives the request up.
pub(crate) async fn ask(
    application: &dyn Application,
    ground: &Ground,
    request: Request<Body>,
) -> Result<Response<AnyBody>, ApplicationError> {
    match ground {
        Ground::InPlace => {
            let mut call = application.call(request);
            let answer = poll_fn(|context| {
                // Its future is not polled again after a panic.
                match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context))) {
                    Ok(Poll::Pending) => Poll::Pending,
                    Ok(Poll::Ready(answer)) => {
                        Poll::Ready(answer.map_err(ApplicationError::Failed))
                    }
                    Err(panic) => Poll::Ready(Err(ApplicationError::Panicked(said(&*panic)))),
                }
            });
            answer.await
        }
        Ground::Runtime(runtime) => {
            let call = application.call(request);
            let own = runtime.clone();
            let mut task = Task(runtime.spawn(async move {
                let (head, body) = call.await?.into_parts();
                // A body may block, too.
                Ok(Response::from_parts(head, body.pumped(&own).await))
            }));
            match (&mut task.0).await {
                Ok(answer) => answer.map_err(ApplicationError::Failed),
                Err(error) => Err(not_finished(error)),
            }
        }
    }
}

/// A task that ends when nobody waits for it any more.
struct Task(JoinHandle<Answer>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn not_finished(error: tokio::task::JoinError) -> ApplicationError {
    match error.try_into_panic() {
        Ok(panic) => ApplicationError::Panicked(said(&*panic)),
        Err(_) => ApplicationError::Stopped,
    }
}
