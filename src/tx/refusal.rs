//! The content of a change that records a final refusal: the status, the number that came with it (that of the account
//! in the way, say) and the command that was refused. It is kept so that the same key gives the same refusal again, and
//! so that the audit trail shows what was attempted.

use crate::base::canonical::{Decoder, Encoder};
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::tx::ChangeKind;

/// Without a number.
const VERSION: u16 = 1;
/// With a number, which is not 0.
const VERSION_WITH_NUMBER: u16 = 2;

/// Appends the content for a command, given by its own content, that was refused with `status`; `number`: the result's,
/// 0 for none.
pub fn encode(status: Status, number: u64, command: &[u8], out: &mut Vec<u8>) {
    let version = match number {
        0 => VERSION,
        _ => VERSION_WITH_NUMBER,
    };
    let mut encoder = Encoder::new(out);
    encoder
        .header(ChangeKind::REFUSAL.0, version)
        .i64(i64::from(status.code()));
    if number != 0 {
        encoder.u64(number);
    }
    encoder.bytes(command);
}

/// Reads what [`encode`] wrote: the status, the number and the command's content.
pub fn decode(bytes: &[u8]) -> Result<(Status, u64, &[u8])> {
    let mut decoder = Decoder::new(bytes);
    let (kind, version) = decoder.header()?;
    if kind != ChangeKind::REFUSAL.0 || !matches!(version, VERSION | VERSION_WITH_NUMBER) {
        return Err(Error::new(
            Status::INVALID_ENCODING,
            "the content is not a refusal of version 1 or 2",
        ));
    }
    let code = decoder.i64()?;
    let status = i32::try_from(code)
        .ok()
        .and_then(Status::from_code)
        .filter(|status| status.code() > 0);
    let Some(status) = status else {
        return Err(Error::new(
            Status::INVALID_ENCODING,
            format!("a refusal has the unknown status {code}"),
        ));
    };
    let number = match version {
        VERSION_WITH_NUMBER => decoder.u64()?,
        _ => 0,
    };
    if version == VERSION_WITH_NUMBER && number == 0 {
        return Err(Error::new(
            Status::INVALID_ENCODING,
            "a refusal of version 2 has no number",
        ));
    }
    let command = decoder.bytes()?;
    decoder.finish()?;
    Ok((status, number, command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_refuses_anything_else() {
        for number in [0, 7, u64::MAX] {
            let mut content = Vec::new();
            encode(Status::INSUFFICIENT_FUNDS, number, &[1, 2, 3], &mut content);
            assert_eq!(
                decode(&content).unwrap(),
                (Status::INSUFFICIENT_FUNDS, number, &[1u8, 2, 3][..])
            );
            for length in 0..content.len() {
                assert!(decode(&content[..length]).is_err(), "{length} bytes");
            }
        }
        let mut success = Vec::new();
        encode(Status::OK, 0, &[], &mut success);
        assert!(decode(&success).is_err());
    }
}
