//! The content of a change that records a final refusal: the status and the command that was refused. It is kept so
//! that the same key gives the same refusal again, and so that the audit trail shows what was attempted.

use crate::base::canonical::{Decoder, Encoder};
use crate::base::error::{Error, Result};
use crate::base::status::Status;
use crate::tx::ChangeKind;

const VERSION: u16 = 1;

/// Appends the content for a command, given by its own content, that was refused with `status`.
pub fn encode(status: Status, command: &[u8], out: &mut Vec<u8>) {
    Encoder::new(out)
        .header(ChangeKind::REFUSAL.0, VERSION)
        .i64(i64::from(status.code()))
        .bytes(command);
}

/// Reads what [`encode`] wrote: the status and the command's content.
pub fn decode(bytes: &[u8]) -> Result<(Status, &[u8])> {
    let mut decoder = Decoder::new(bytes);
    if decoder.header()? != (ChangeKind::REFUSAL.0, VERSION) {
        return Err(Error::new(
            Status::INVALID_ENCODING,
            "the content is not a refusal of version 1",
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
    let command = decoder.bytes()?;
    decoder.finish()?;
    Ok((status, command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_and_refuses_anything_else() {
        let mut content = Vec::new();
        encode(Status::INSUFFICIENT_FUNDS, &[1, 2, 3], &mut content);
        assert_eq!(
            decode(&content).unwrap(),
            (Status::INSUFFICIENT_FUNDS, &[1u8, 2, 3][..])
        );
        for length in 0..content.len() {
            assert!(decode(&content[..length]).is_err(), "{length} bytes");
        }
        let mut success = Vec::new();
        encode(Status::OK, &[], &mut success);
        assert!(decode(&success).is_err());
    }
}
