//! Ids that no host gives: the engine derives those of what a command brings about from the command's own, so that a
//! replay gives the same ones.

use qenex::base::hash::blake2b_256;

use crate::books::Book;
use crate::command::Op;

/// The ids of the transfers that a command may bring about besides its own, whether at once or later. Those of the
/// close of a year follow from where it began ([`year_end_id`]), those of a whole transaction's reversal from how many
/// legs it had ([`leg_id`]).
#[allow(dead_code, reason = "for the crash tests, which share this file")]
pub fn derived_from(op: &Op) -> Vec<u128> {
    match op {
        Op::Open(open) if open.opening.is_some() => vec![opening_id(open.id)],
        Op::Schedule { transfer, .. } => vec![transfer.id],
        Op::Book(book) => {
            let legs = match book {
                // A third leg takes the rounding.
                Book::Exchange(_) => 3,
                Book::Split { parts, .. } => parts.len() as u64,
                Book::Revalue { .. } | Book::Post { .. } => 1,
                _ => 0,
            };
            (1..=legs).map(|leg| leg_id(book.key(), leg)).collect()
        }
        _ => Vec::new(),
    }
}

/// The id of a leg of a command, the first one being 1; of the reversal of a transaction, one that follows its first.
pub fn leg_id(id: u128, leg: u64) -> u128 {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend_from_slice(&leg.to_be_bytes());
    first_half(&bytes)
}

/// The id of the transfer that closes an account in an asset at the end of a year, whose close began with a change; without
/// an account, that of the transaction.
pub fn year_end_id(entity: u32, begun: i64, of: Option<(u128, u32)>) -> u128 {
    let mut bytes = b"year end".to_vec();
    bytes.extend_from_slice(&entity.to_be_bytes());
    bytes.extend_from_slice(&begun.to_be_bytes());
    if let Some((account, asset)) = of {
        bytes.extend_from_slice(&account.to_be_bytes());
        bytes.extend_from_slice(&asset.to_be_bytes());
    }
    first_half(&bytes)
}

/// The id of an opening balance's transfer.
pub fn opening_id(account: u128) -> u128 {
    let mut bytes = b"opening balance".to_vec();
    bytes.extend_from_slice(&account.to_be_bytes());
    first_half(&bytes)
}

fn first_half(bytes: &[u8]) -> u128 {
    u128::from_be_bytes(blake2b_256(bytes)[..16].try_into().unwrap())
}
