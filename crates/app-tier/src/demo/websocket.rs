//! A WebSocket that sends back what it gets.

use axum::extract::FromRequestParts;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use http::Request;

use crate::body::Body;
use crate::demo::demo_body::DemoBody;
use crate::demo::outcome::{Outcome, Trouble};
use crate::limits::DEMO_MESSAGE;

/// `GET /websocket`
pub(crate) async fn echo(request: Request<Body>) -> Outcome {
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await;
    let upgrade = upgrade.map_err(|_| Trouble::Request("this is not a WebSocket handshake"))?;
    let answer = upgrade.max_message_size(DEMO_MESSAGE).on_upgrade(talk);
    // The answer to a handshake has no body.
    Ok(answer.map(|_| DemoBody::Memory(bytes::Bytes::new())))
}

async fn talk(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        let echo = match message {
            Message::Text(_) | Message::Binary(_) => message,
            // Pings and closes are answered for us.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => continue,
        };
        if socket.send(echo).await.is_err() {
            break;
        }
    }
}
