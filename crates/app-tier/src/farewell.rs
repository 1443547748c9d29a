//! The end of a connection: the last answer, and a close that does not destroy it.

use std::io;

use copal_serve::deadlines::Deadline;
use copal_tls::stream::Stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::conversation::Conversation;
use crate::entrance::Waits;
use crate::judged_io::JudgedIo;
use crate::limits;
use crate::respond;

/// Tells the client why there will be no more answers, if there is a reason, and closes.
pub(crate) async fn say(
    mut connection: JudgedIo<Stream>,
    conversation: &Conversation,
    waits: &Waits,
    deadline: &Deadline,
) -> io::Result<()> {
    let ending = conversation.state().ending;
    // A bad body was answered by its exchange.
    if let Some(ending) = ending.as_ref().filter(|ending| !ending.in_body) {
        let answer = respond::raw_refusal(ending.status, &ending.reason);
        let socket = connection.socket();
        let sent = async {
            socket.write_all(&answer).await?;
            socket.flush().await
        };
        deadline.within(waits.send, sent).await.map_err(|_| io::ErrorKind::TimedOut)??;
    }
    connection.socket().shutdown().await?;
    if !connection.was_read_to_its_end() {
        let expected = ending.is_some() || connection.is_in_the_middle();
        linger(connection.socket(), expected, deadline).await?;
    }
    Ok(())
}

/// Reads on for a while, when more is `expected` or there already.
async fn linger(socket: &mut Stream, expected: bool, deadline: &Deadline) -> io::Result<()> {
    let mut scrap = [0; 4096];
    if !expected {
        // Nobody wants what is read here, so it need not be decrypted.
        match socket.tcp().map_or(Ok(0), |socket| socket.try_read(&mut scrap)) {
            Ok(0) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
            Ok(_) => {}
        }
    }
    let drain = async {
        let mut left = limits::LINGER_BYTES;
        while left > 0 {
            let read = socket.read(&mut scrap).await?;
            if read == 0 {
                break;
            }
            left = left.saturating_sub(read);
        }
        Ok(())
    };
    // Whoever sends on for longer than that has not waited for an answer.
    deadline.within(limits::LINGER, drain).await.unwrap_or(Ok(()))
}
