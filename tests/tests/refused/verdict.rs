//! What is wrong with the answer to an input, if anything.

use copal_testkit::raw::{Raw, Trouble};

use crate::row::{Answer, Row};

/// Sends the row to `port` and says what is wrong with the answer.
pub(crate) fn answer_of(row: &Row, port: u16) -> Result<(), String> {
    let mut client = Raw::connect(port);
    client.send(&row.bytes);
    match &row.answer {
        Answer::Refused(status) => refused(&mut client, *status),
        Answer::BadBody => refused(&mut client, 400),
        Answer::RefusedOrClosed(status) => match client.response() {
            Err(Trouble::Closed) => Ok(()),
            Ok(response) if response.status == *status || response.status == 505 => {
                client.closed().map_err(|trouble| trouble.to_string())
            }
            other => Err(format!("expected {status} or the end, got {other:?}")),
        },
        Answer::Own(status) => {
            expect(&mut client, *status)?;
            still_sane(&mut client)
        }
        Answer::Served(count, _) => {
            for _ in 0..*count {
                expect(&mut client, 200)?;
            }
            Ok(())
        }
    }
}

fn refused(client: &mut Raw, status: u16) -> Result<(), String> {
    let response = expect(client, status)?;
    client.closed().map_err(|trouble| format!("after {status}: {trouble}"))?;
    if response { Ok(()) } else { Err(format!("{status} without Connection: close")) }
}

/// Expects a status and says whether the response announces the end of the connection.
fn expect(client: &mut Raw, status: u16) -> Result<bool, String> {
    match client.response() {
        Ok(response) if response.status == status => Ok(response.says_close()),
        Ok(response) => Err(format!("expected {status}, got {response:?}")),
        Err(trouble) => Err(format!("expected {status}, got: {trouble}")),
    }
}

/// The connection either ends or serves the next request.
fn still_sane(client: &mut Raw) -> Result<(), String> {
    client.send("GET /echo/sane HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    match client.response() {
        Err(Trouble::Closed) => Ok(()),
        Ok(response) if response.status == 200 => Ok(()),
        other => Err(format!("the connection went on wrongly: {other:?}")),
    }
}
