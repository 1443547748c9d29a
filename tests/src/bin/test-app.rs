//! An app-tier server with an application that changes sessions late: below `/own`.

use std::convert::Infallible;
use std::pin::Pin;
use std::process::ExitCode;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, Path};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use copal_session::error::Error;
use copal_session::session::Session;
use http_body::Frame;
use tokio::sync::mpsc::{Receiver, Sender, channel};

fn main() -> ExitCode {
    let own = Router::new()
        .route("/attribute/{name}", get(attribute))
        .route("/late", post(late))
        .route("/stream/{megabytes}", get(stream))
        .route("/talk", get(talk));
    copal_app_tier::command::run_with(|server| server.web_app("/own", own))
}

const MEGABYTE: usize = 1 << 20;

/// What the application tells instead of an answer.
struct Trouble(String);

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        (StatusCode::CONFLICT, self.0).into_response()
    }
}

/// An attribute, as text.
async fn attribute(
    Extension(session): Extension<Session>,
    Path(name): Path<String>,
) -> Result<String, Trouble> {
    let value: Option<String> = session.get(&name).await?;
    value.ok_or_else(|| Trouble(format!("no {name}")))
}

/// Looks at the session, waits for the body, and then puts that into the session. The client is asked for
/// its body (100) when the session has been looked at.
async fn late(Extension(session): Extension<Session>, body: Body) -> Result<String, Trouble> {
    let before: Option<String> = session.get("late").await?;
    let body = axum::body::to_bytes(body, MEGABYTE).await;
    let body = body.map_err(|error| Trouble(error.to_string()))?;
    session.insert("late", &*String::from_utf8_lossy(&body))?;
    Ok(before.unwrap_or_default())
}

/// So many megabytes; how many were sent is in the session after each quarter.
async fn stream(
    Extension(session): Extension<Session>,
    Path(megabytes): Path<usize>,
) -> Result<Response, Trouble> {
    session.insert("sent", "0")?;
    session.save().await?;
    session.keep_open();
    let (sender, receiver) = channel(1);
    tokio::spawn(async move {
        // The client sees that bytes are missing.
        let _ = send(&session, megabytes, sender).await;
    });
    let mut response = Response::new(Body::new(Pieces(receiver)));
    let length = HeaderValue::from(megabytes * MEGABYTE);
    response.headers_mut().insert(header::CONTENT_LENGTH, length);
    Ok(response)
}

async fn send(session: &Session, megabytes: usize, sender: Sender<Bytes>) -> Result<(), Error> {
    let piece = Bytes::from(vec![b'x'; MEGABYTE]);
    for number in 1..=megabytes {
        if number % (megabytes / 4).max(1) == 0 {
            session.insert("sent", &*number.to_string())?;
            session.save().await?;
        }
        if sender.send(piece.clone()).await.is_err() {
            break;
        }
    }
    Ok(())
}

/// A body that somebody else makes.
struct Pieces(Receiver<Bytes>);

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = self.get_mut().0.poll_recv(context);
        piece.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }
}

async fn talk(Extension(session): Extension<Session>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(|socket| converse(socket, session))
}

/// Whatever is said is in the session when it is answered.
async fn converse(mut socket: WebSocket, session: Session) {
    session.keep_open();
    while let Some(Ok(Message::Text(text))) = socket.recv().await {
        let said = match keep(&session, &text).await {
            Ok(()) => "kept".to_owned(),
            Err(error) => error.to_string(),
        };
        if socket.send(Message::Text(said.into())).await.is_err() {
            break;
        }
    }
}

async fn keep(session: &Session, text: &str) -> Result<(), Error> {
    session.insert("said", text)?;
    session.save().await
}
