//! What comes back for each command, and for each submitted batch.

use super::{qenex_amount, qenex_id, qenex_status, qenex_time};
use crate::abi::memory::Plain;
use crate::base::constants::result;
use crate::ledger::balance::Turnovers;
use crate::ledger::outcome::Outcome;

/// The four turnovers of a balance, in minor units, never negative. 64 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct qenex_turnovers {
    /// Sum of all debits.
    pub debits_posted: qenex_amount,
    /// Sum of all credits.
    pub credits_posted: qenex_amount,
    /// Sum of the holds that would debit.
    pub debits_pending: qenex_amount,
    /// Sum of the holds that would credit.
    pub credits_pending: qenex_amount,
}

/// What became of one command. Of a refused one only status, flags, id and field mean something. 232 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_result {
    /// The command's id or key.
    pub id: qenex_id,
    /// The amount moved, held or released, in minor units.
    pub amount: qenex_amount,
    /// The debit account's turnovers in the asset after a transfer or hold.
    pub debit: qenex_turnovers,
    /// The credit account's turnovers in the asset after a transfer or hold.
    pub credit: qenex_turnovers,
    /// Sequence number of the change; 0: there was none.
    pub sequence: u64,
    /// System time of the change.
    pub time: qenex_time,
    /// Number given to a new entity, asset or account; version of a host record.
    pub number: u64,
    /// QENEX_OK, or why the command was refused (positive).
    pub status: qenex_status,
    /// QENEX_RESULT_...
    pub flags: u32,
    /// With QENEX_EXISTS_WITH_DIFFERENT_CONTENT: the first field that differs, QENEX_FIELD_...
    pub field: u32,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// What became of one submitted batch; its results lie in the buffer's results. 64 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_completion {
    /// As given to qenex_submit.
    pub tag: u64,
    /// Index of the batch's first result in qenex_buffer_results.
    pub first_result: u64,
    /// Number of results: one per item, or none when nothing was applied.
    pub results: u32,
    /// As a blocking call would have returned it.
    pub status: qenex_status,
    /// When status is negative: the message, in the buffer's arena.
    pub message: super::qenex_text,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

const _: () = assert!(size_of::<qenex_turnovers>() == 64);
const _: () = assert!(size_of::<qenex_result>() == 232);
const _: () = assert!(size_of::<qenex_completion>() == 64);

// SAFETY: integers only, no padding (asserted above).
unsafe impl Plain for qenex_turnovers {}
// SAFETY: integers and turnovers only; the fields add up to the size, so there is no padding.
unsafe impl Plain for qenex_result {}
// SAFETY: integers only; the fields add up to the size, so there is no padding.
unsafe impl Plain for qenex_completion {}

impl From<&Turnovers> for qenex_turnovers {
    #[inline]
    fn from(turnovers: &Turnovers) -> qenex_turnovers {
        // Turnovers stay below 2^127, so none of them turns negative.
        let amount = |value: u128| qenex_amount::from(value as i128);
        qenex_turnovers {
            debits_posted: amount(turnovers.debits_posted),
            credits_posted: amount(turnovers.credits_posted),
            debits_pending: amount(turnovers.debits_pending),
            credits_pending: amount(turnovers.credits_pending),
        }
    }
}

impl From<&Outcome> for qenex_result {
    #[inline]
    fn from(outcome: &Outcome) -> qenex_result {
        let mut flags = 0;
        if outcome.repeated {
            flags |= result::REPEATED;
        }
        if outcome.status.is_final() {
            flags |= result::FINAL;
        }
        qenex_result {
            id: outcome.id.into(),
            amount: outcome.amount.into(),
            debit: (&outcome.debit).into(),
            credit: (&outcome.credit).into(),
            sequence: outcome.sequence.unsigned_abs(),
            time: outcome.time.micros(),
            number: outcome.number,
            status: outcome.status.code(),
            flags,
            field: u32::from(outcome.field),
            padding: 0,
            reserved: [0; 4],
        }
    }
}
