//! hyper's server as a reader of a stream.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::reading::{Message, Reading, authority, latin1};

/// Reads every stream with a connection of its own.
pub(crate) fn read_all(inputs: &[&[u8]]) -> Vec<Reading> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut readings = Vec::new();
        for input in inputs {
            readings.push(read(input).await);
        }
        readings
    })
}

async fn read(input: &[u8]) -> Reading {
    let reading = Rc::new(RefCell::new(Reading::default()));
    let (client, server) = tokio::io::duplex(256 << 10);
    let service = service_fn(|request| {
        let reading = Rc::clone(&reading);
        async move {
            match message(request).await {
                Ok(message) => reading.borrow_mut().messages.push(message),
                Err(error) => reading.borrow_mut().refused = Some(error.to_string()),
            }
            Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
        }
    });
    let connection =
        http1::Builder::new().half_close(true).serve_connection(TokioIo::new(server), service);
    let (mut from, mut to) = tokio::io::split(client);
    let talk = async {
        to.write_all(input).await.ok();
        to.shutdown().await.ok();
        from.read_to_end(&mut Vec::new()).await.ok();
    };
    let (served, ()) = tokio::join!(connection, talk);
    let mut reading = reading.take();
    if let Err(error) = served {
        reading.refused.get_or_insert(error.to_string());
    }
    reading
}

async fn message(request: Request<Incoming>) -> Result<Message, hyper::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes().to_vec();
    let mut fields: Vec<_> = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), latin1(value.as_bytes())))
        .collect();
    fields.sort();
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Ok(Message {
        method: parts.method.to_string(),
        absolute: parts.uri.scheme().is_some(),
        version: format!("{:?}", parts.version).replace("HTTP/", ""),
        path: format!("{}{query}", parts.uri.path()),
        authority: authority(parts.uri.authority().map(ToString::to_string), &fields),
        fields,
        body,
    })
}
