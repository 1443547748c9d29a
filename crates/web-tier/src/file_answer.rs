//! Answers from files: what `dispatch` finds in the folders of the web tier's own web-apps.

use std::io;
use std::sync::Arc;

use copal_http1::write;
use copal_serve::buffer::Scratch;
use copal_serve::files::file_answer::{Fields, FileAnswer, Segment};
use copal_serve::files::range::Span;
use copal_serve::unsent;
use tokio::task::spawn_blocking;

use crate::after::After;
use crate::client::Client;
use crate::facts::Facts;
use crate::file_plan::{FilePlan, read_step};
use crate::forward::send;
use crate::own::{Manner, Own};
use crate::respond;
use crate::worker::Worker;

/// Answers with a file.
pub(crate) async fn send(
    worker: &Worker,
    client: &mut Client,
    facts: &Facts,
    plan: Box<FilePlan>,
) -> After {
    let query = plan.query.clone();
    let (answer, first) = match spawn_blocking(move || plan.answer()).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => return trouble(worker, client, facts, &error).await,
        Err(error) => return trouble(worker, client, facts, &error).await,
    };
    let own = match answer {
        FileAnswer::NotFound => Own::new(404),
        FileAnswer::MovedTo(mut location) => {
            if let Some(query) = query {
                location.push(b'?');
                location.extend_from_slice(&query);
            }
            Own::new(301).with("Location", location)
        }
        FileAnswer::NotModified { fields } => with_fields(Own::new(304), fields),
        FileAnswer::PreconditionFailed => Own::new(412),
        FileAnswer::Unsatisfiable { fields } => with_fields(Own::new(416), fields),
        FileAnswer::Failed(error) => return trouble(worker, client, facts, &error).await,
        FileAnswer::Send { status, fields, length, segments, file } => {
            let content = Content { file: Arc::new(file), segments, first };
            let ending = respond::ending(worker, client, facts);
            let manner = respond::manner(worker, facts.version, facts.is_head, ending.keep);
            worker.tally.answer(status);
            if length >= unsent::LARGE {
                unsent::bound(&client.stream);
            }
            let head = head(status, &fields, length, manner);
            return content.send(worker, client, head, ending.after).await;
        }
    };
    respond::own(worker, client, facts, &own).await
}

async fn trouble(
    worker: &Worker,
    client: &mut Client,
    facts: &Facts,
    error: &(dyn std::error::Error + Sync),
) -> After {
    tracing::error!(%error, "a file cannot be read");
    respond::own(worker, client, facts, &Own::new(500)).await
}

fn with_fields(own: Own, fields: Fields) -> Own {
    fields.into_iter().fold(own, |own, (name, value)| own.with(name, value.into_bytes()))
}

fn head(status: u16, fields: &Fields, length: u64, manner: Manner) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    write::status_line(&mut out, status, write::reason(status).as_bytes());
    for (name, value) in fields {
        write::field(&mut out, name.as_bytes(), value.as_bytes());
    }
    write::length_field(&mut out, length);
    manner.end_head(&mut out);
    out
}

/// What is sent of a file.
struct Content {
    file: Arc<std::fs::File>,
    segments: Vec<Segment>,
    /// The beginning of the first segment, when that is of the file.
    first: Vec<u8>,
}

impl Content {
    async fn send(
        mut self,
        worker: &Worker,
        client: &mut Client,
        head: Vec<u8>,
        after: After,
    ) -> After {
        let mut waiting = Scratch::new(&worker.bench.buffers);
        waiting.extend_from_slice(&head);
        let mut first = std::mem::take(&mut self.first);
        for segment in std::mem::take(&mut self.segments) {
            let sent = match segment {
                Segment::Bytes(bytes) => {
                    waiting.extend_from_slice(&bytes);
                    Ok(())
                }
                Segment::File(span) => {
                    let first = std::mem::take(&mut first);
                    self.span(worker, client, &mut waiting, span, first).await
                }
            };
            if let Err(error) = sent {
                tracing::debug!(%error, "a file was not sent to its end");
                return After::Reset;
            }
        }
        match write_out(worker, client, &mut waiting, &[]).await {
            Err(_) => After::Reset,
            Ok(()) => after,
        }
    }

    /// Sends what is waiting and a part of the file behind it.
    async fn span(
        &self,
        worker: &Worker,
        client: &mut Client,
        waiting: &mut Vec<u8>,
        span: Span,
        first: Vec<u8>,
    ) -> io::Result<()> {
        let end = span.offset.saturating_add(span.length);
        let mut offset = span.offset;
        let mut piece = first;
        while offset < end {
            if piece.is_empty() {
                let file = Arc::clone(&self.file);
                piece = spawn_blocking(move || read_step(&file, offset, end - offset))
                    .await
                    .map_err(io::Error::other)??;
            }
            if piece.is_empty() {
                // It was cut meanwhile; its length went out with the head.
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            write_out(worker, client, waiting, &piece).await?;
            offset += u64::try_from(piece.len()).unwrap_or(u64::MAX);
            piece.clear();
        }
        Ok(())
    }
}

async fn write_out(
    worker: &Worker,
    client: &mut Client,
    waiting: &mut Vec<u8>,
    piece: &[u8],
) -> io::Result<()> {
    let limit = worker.site.limits.send_timeout;
    let Client { stream, wait, .. } = client;
    send::both(stream, waiting, piece, wait, limit).await?;
    waiting.clear();
    Ok(())
}
