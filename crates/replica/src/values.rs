//! How single values are written: versions, servers, holders, proofs.

use copal_protocol::server_index::ServerIndex;

use crate::epoch::Epoch;
use crate::holders::{Holder, Standing};
use crate::incarnation::Incarnation;
use crate::operations::OperationNumber;
use crate::proof::Proof;
use crate::reader::{Malformed, Reader};
use crate::server_id::ServerId;
use crate::version::Version;
use crate::writer::Writer;

pub(crate) fn read_server(field: &mut Reader) -> Result<ServerId, Malformed> {
    ServerId::new(&field.text("server")?).ok_or(Malformed::Value("server"))
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
