//! How single values are written: keys, versions, servers, holders, proofs.

use std::time::Duration;

use copal_protocol::server_index::ServerIndex;
use copal_protocol::session_key::SessionKey;

use crate::attributes::WebAppPath;
use crate::epoch::Epoch;
use crate::holders::{Holder, Standing};
use crate::incarnation::Incarnation;
use crate::operations::OperationNumber;
use crate::proof::Proof;
use crate::reader::{Malformed, Reader};
use crate::seen::Seen;
use crate::server_id::ServerId;
use crate::version::Version;
use crate::writer::Writer;

pub(crate) fn read_key(field: &mut Reader) -> Result<SessionKey, Malformed> {
    let bytes = field.raw(SessionKey::LENGTH)?;
    SessionKey::parse(&bytes).ok_or(Malformed::Value("key"))
}

pub(crate) fn read_server(field: &mut Reader) -> Result<ServerId, Malformed> {
    ServerId::new(&field.text("server")?).ok_or(Malformed::Value("server"))
}

/// The path of a web-app. The rest of it is checked where the configuration is read.
pub(crate) fn read_path(field: &mut Reader) -> Result<WebAppPath, Malformed> {
    let path = field.text("path of a web-app")?;
    if path.starts_with('/') { Ok(path) } else { Err(Malformed::Value("path of a web-app")) }
}

pub(crate) fn write_version(out: &mut Writer, version: Version) {
    write_epoch(out, version.epoch);
    out.number(version.sequence);
}

pub(crate) fn read_version(field: &mut Reader) -> Result<Version, Malformed> {
    Ok(Version { epoch: read_epoch(field)?, sequence: field.number()? })
}

pub(crate) fn write_epoch(out: &mut Writer, epoch: Epoch) {
    out.number(epoch.counter);
    out.number(epoch.server.get() as u64);
    out.number(epoch.incarnation.0);
}

pub(crate) fn read_epoch(field: &mut Reader) -> Result<Epoch, Malformed> {
    let counter = field.number()?;
    if counter == 0 {
        // The first one is 1.
        return Err(Malformed::Value("counter of an epoch"));
    }
    let index = usize::try_from(field.number()?).ok().and_then(ServerIndex::new);
    let server = index.ok_or(Malformed::Value("index of a server"))?;
    Ok(Epoch { counter, server, incarnation: Incarnation(field.number()?) })
}

pub(crate) fn read_proof(field: &mut Reader) -> Result<Proof, Malformed> {
    Proof::new(&field.bytes()?).ok_or(Malformed::Value("proof"))
}

pub(crate) fn write_server(out: &mut Writer, server: ServerId) {
    out.bytes(server.as_str().as_bytes());
}

pub(crate) fn write_holder(out: &mut Writer, holder: &Holder) {
    write_server(out, holder.server);
    out.number(holder.incarnation.0);
    out.byte(match holder.standing {
        Standing::Current => 0,
        Standing::Behind => 1,
    });
}

pub(crate) fn read_holder(field: &mut Reader) -> Result<Holder, Malformed> {
    let server = read_server(field)?;
    let incarnation = Incarnation(field.number()?);
    let standing = match field.byte()? {
        0 => Standing::Current,
        1 => Standing::Behind,
        _ => return Err(Malformed::Value("standing of a holder")),
    };
    Ok(Holder { server, incarnation, standing })
}

pub(crate) fn write_operation(out: &mut Writer, number: &OperationNumber) {
    write_server(out, number.server);
    out.number(number.incarnation.0);
    out.number(number.count);
}

pub(crate) fn read_operation(field: &mut Reader) -> Result<OperationNumber, Malformed> {
    let server = read_server(field)?;
    let incarnation = Incarnation(field.number()?);
    Ok(OperationNumber { server, incarnation, count: field.number()? })
}

pub(crate) fn write_seen(out: &mut Writer, seen: &Seen) {
    out.maybe(seen.below(), write_epoch);
    for (epoch, sequence) in seen.iter() {
        write_version(out, Version { epoch, sequence });
    }
}

pub(crate) fn read_seen(field: &mut Reader) -> Result<Seen, Malformed> {
    let below = field.maybe(read_epoch)?;
    let mut all: Vec<(Epoch, u64)> = Vec::new();
    while !field.is_empty() {
        let Version { epoch, sequence } = read_version(field)?;
        let in_order = all.last().is_none_or(|(last, _)| *last < epoch);
        if !in_order || below.is_some_and(|below| epoch < below) {
            return Err(Malformed::Order("known changes"));
        }
        if all.len() == Seen::EPOCHS {
            return Err(Malformed::Value("number of epochs"));
        }
        all.push((epoch, sequence));
    }
    Ok(Seen::new(below, all))
}

/// Whole milliseconds; what is less than one is left out.
pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The longest time that is believed: a hundred years.
pub(crate) const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// How long something took or will take, in whole milliseconds.
pub(crate) fn write_span(out: &mut Writer, span: Duration) {
    out.number(milliseconds(span.min(LONGEST)));
}

pub(crate) fn read_span(field: &mut Reader) -> Result<Duration, Malformed> {
    let span = Duration::from_millis(field.number()?);
    if span <= LONGEST { Ok(span) } else { Err(Malformed::Value("time")) }
}
