//! The canonical encoding of what the engine adds to the ledger's commands: host records, advances of time,
//! refusals, principals. The rules are those of [`crate::ledger::encoding`]: one encoding for one value, anything
//! else is refused with `INVALID_ENCODING`, what was ever written can be read for ever.

use crate::base::canonical::{Decoder, Encoder};
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::engine::command::{Command, HostRecordPut, TimeAdvance};
use crate::ledger;
use crate::tx::ChangeKind;

/// The version of every kind's list of fields.
pub const VERSION: u16 = 1;

/// Appends the encoding of a command of any domain to `out`. `commitment` is to the personal texts of a ledger's
/// command, as [`ledger::encoding::encode`] takes it.
pub fn encode(command: &Command<'_>, commitment: Option<&[u8; 32]>, out: &mut Vec<u8>) {
    match command {
        Command::Ledger(command) => ledger::encoding::encode(command, commitment, out),
        Command::HostRecord(command) => encode_host_record(command, out),
        Command::TimeAdvance(command) => encode_time_advance(command, out),
    }
}

/// Reads a command of any domain, and the commitment to its personal texts, which are empty in it.
pub fn decode(bytes: &[u8]) -> Result<(Command<'_>, Option<[u8; 32]>)> {
    let (kind, _) = Decoder::new(bytes).header()?;
    match ChangeKind(kind) {
        ChangeKind::HOST_RECORD => Ok((Command::HostRecord(decode_host_record(bytes)?), None)),
        ChangeKind::TIME_ADVANCED => Ok((Command::TimeAdvance(decode_time_advance(bytes)?), None)),
        _ => {
            let (command, commitment) = ledger::encoding::decode(bytes)?;
            Ok((Command::Ledger(command), commitment))
        }
    }
}

/// Appends the encoding of a host record's change: key, namespace, record, expected version, value.
pub fn encode_host_record(command: &HostRecordPut<'_>, out: &mut Vec<u8>) {
    let HostRecordPut {
        key,
        namespace,
        record,
        expected_version,
        value,
    } = command;
    Encoder::new(out)
        .header(ChangeKind::HOST_RECORD.0, VERSION)
        .id(*key)
        .text(namespace)
        .bytes(record)
        .option(*expected_version, |encoder, version| {
            encoder.u64(version);
        })
        .option(*value, |encoder, value| {
            encoder.bytes(value);
        });
}

/// Reads a host record's change, borrowed from `bytes`.
pub fn decode_host_record(bytes: &[u8]) -> Result<HostRecordPut<'_>> {
    let mut from = begin(bytes, ChangeKind::HOST_RECORD)?;
    let command = HostRecordPut {
        key: from.id()?,
        namespace: from.text()?,
        record: from.bytes()?,
        expected_version: from.option(Decoder::u64)?,
        value: from.option(Decoder::bytes)?,
    };
    from.finish()?;
    Ok(command)
}

/// Appends the encoding of an advance of time. A time outside the years 1 to 9999 is written, and refused by the
/// decoder.
pub fn encode_time_advance(command: &TimeAdvance, out: &mut Vec<u8>) {
    let TimeAdvance { to } = command;
    Encoder::new(out)
        .header(ChangeKind::TIME_ADVANCED.0, VERSION)
        .timestamp(*to);
}

/// Reads an advance of time.
pub fn decode_time_advance(bytes: &[u8]) -> Result<TimeAdvance> {
    let mut from = begin(bytes, ChangeKind::TIME_ADVANCED)?;
    let command = TimeAdvance {
        to: from.timestamp()?,
    };
    from.finish()?;
    Ok(command)
}

/// Appends the encoding of a refusal: the status, which is an item's (positive), and the encoding of the refused
/// command.
pub fn encode_refusal(status: Status, command: &[u8], out: &mut Vec<u8>) {
    Encoder::new(out)
        .header(ChangeKind::REFUSAL.0, VERSION)
        .i64(i64::from(status.code()))
        .bytes(command);
}

/// Reads a refusal: the status and the encoding of the refused command, which [`decode`] reads. A status that is
/// unknown or not an item's is refused.
pub fn decode_refusal(bytes: &[u8]) -> Result<(Status, &[u8])> {
    let mut from = begin(bytes, ChangeKind::REFUSAL)?;
    let position = from.position();
    let code = from.i64()?;
    let status = i32::try_from(code)
        .ok()
        .and_then(Status::from_code)
        .filter(|status| status.code() > 0)
        .ok_or_else(|| invalid(position, &format!("{code} is the code of no refusal")))?;
    let command = from.bytes()?;
    from.finish()?;
    Ok((status, command))
}

/// Appends the encoding of a principal's first act: the number that it got, and its name.
pub fn encode_principal(number: u32, name: &str, out: &mut Vec<u8>) {
    Encoder::new(out)
        .header(ChangeKind::PRINCIPAL.0, VERSION)
        .u32(number)
        .text(name);
}

/// Reads a principal's number and name.
pub fn decode_principal(bytes: &[u8]) -> Result<(u32, &str)> {
    let mut from = begin(bytes, ChangeKind::PRINCIPAL)?;
    let principal = (from.u32()?, from.text()?);
    from.finish()?;
    Ok(principal)
}

/// Reads the header of a record that must be of one kind.
fn begin(bytes: &[u8], kind: ChangeKind) -> Result<Decoder<'_>> {
    let mut from = Decoder::new(bytes);
    let (found, version) = from.header()?;
    if found != kind.0 {
        let name = kind.name();
        return Err(invalid(
            0,
            &format!("kind {found} is not {} ({name})", kind.0),
        ));
    }
    if version != VERSION {
        return Err(invalid(
            0,
            &format!("version {version} of kind {found} is unknown, this version reads {VERSION}"),
        ));
    }
    Ok(from)
}

#[cold]
fn invalid(position: usize, reason: &str) -> Error {
    Error::new(
        Status::INVALID_ENCODING,
        format!("not a canonical encoding of a change at byte {position}: {reason}"),
    )
}

#[cfg(test)]
mod tests;
