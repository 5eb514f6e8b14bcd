//! What queries answer about the past: transfers, statement lines, holds, the change feed.

use super::answer::answers;
use super::{
    qenex_amount, qenex_date, qenex_id, qenex_status, qenex_text, qenex_time, qenex_turnovers,
};

/// A transfer as it is kept. 304 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_transfer_record {
    /// The transfer's id.
    pub id: qenex_id,
    /// The transaction that it is a leg of; none: a transaction of its own.
    pub transaction: qenex_id,
    /// Minor units moved.
    pub amount: qenex_amount,
    /// What a balancing transfer, or a capture or reversal of the rest, asked for; zero: the amount.
    pub requested_amount: qenex_amount,
    /// Of a capture: how much of the hold ended.
    pub unheld_amount: qenex_amount,
    /// Equivalent in the entity's functional currency; zero: none.
    pub functional_amount: qenex_amount,
    /// Coefficient of the rate; zero: no rate. The rate is this / 10^rate_scale.
    pub rate: qenex_amount,
    /// As given.
    pub user_data_128: [u8; 16],
    /// Sequence number of the change.
    pub sequence: u64,
    /// System time of the change.
    pub time: qenex_time,
    /// The engine's own number of the debited account.
    pub debit_account: u64,
    /// The engine's own number of the credited account.
    pub credit_account: u64,
    /// Sequence number of the captured hold; 0: none.
    pub hold: u64,
    /// Sequence number of the reversed transfer; 0: none.
    pub reverses: u64,
    /// As given.
    pub user_data_64: u64,
    /// As given; this and the next three are empty also after erasure.
    pub end_to_end_reference: qenex_text,
    /// As given.
    pub reference: qenex_text,
    /// As given.
    pub narrative: qenex_text,
    /// As given.
    pub metadata: qenex_text,
    /// As given.
    pub source_system: qenex_text,
    /// As given.
    pub rate_source: qenex_text,
    /// Number of the principal that acted.
    pub actor: u32,
    /// Number of the principal on whose behalf; 0: nobody.
    pub on_behalf_of: u32,
    /// As given.
    pub user_data_32: u32,
    /// Number of the asset.
    pub asset: u32,
    /// Transaction code.
    pub code: u32,
    /// QENEX_TRANSFER_...
    pub flags: u32,
    /// Booking date.
    pub booking_date: qenex_date,
    /// Value date.
    pub value_date: qenex_date,
    /// Decimals of the rate.
    pub rate_scale: u32,
    /// QENEX_OK; QENEX_ITEM_NOT_FOUND: no transfer has this id, and everything else is zero.
    pub status: qenex_status,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A line of a statement: a posting on the account and the balance after it. 440 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_statement_line {
    /// The transfer.
    pub transfer: qenex_transfer_record,
    /// Change of the balance on the account's normal side; negative when the posting lowered it.
    pub change: qenex_amount,
    /// The balance on the account's normal side after this posting.
    pub balance: qenex_amount,
    /// The turnovers after this posting.
    pub turnovers: qenex_turnovers,
    /// 1: the account was debited; 0: it was credited.
    pub debit_side: u32,
    /// Zero.
    pub padding: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A hold. 184 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_hold_record {
    /// The hold's id.
    pub id: qenex_id,
    /// Placed and increased in all, in minor units.
    pub amount: qenex_amount,
    /// Still set aside.
    pub remaining: qenex_amount,
    /// Captured in all; forced captures may exceed amount.
    pub captured: qenex_amount,
    /// As given.
    pub user_data_128: [u8; 16],
    /// Sequence number of the change that placed it.
    pub sequence: u64,
    /// The engine's own number of the account that a capture debits.
    pub debit_account: u64,
    /// The engine's own number of the account that a capture credits; 0: the capture names it.
    pub credit_account: u64,
    /// 0: it does not expire.
    pub expires_at: qenex_time,
    /// As given.
    pub user_data_64: u64,
    /// As given.
    pub reason: qenex_text,
    /// As given.
    pub user_data_32: u32,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_HOLD_KIND_...
    pub kind: u32,
    /// 0 to 255.
    pub priority: u32,
    /// QENEX_HOLD_STATE_...
    pub state: u32,
    /// QENEX_OK; QENEX_HOLD_UNKNOWN: no hold has this id, and everything else is zero.
    pub status: qenex_status,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

/// A change of the feed. 120 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_feed_entry {
    /// The command's key; none: it had none.
    pub key: qenex_id,
    /// Salt of the commitment to the texts; zero when there are none.
    pub salt: [u8; 16],
    /// Sequence number: without gaps, 1 and up.
    pub sequence: u64,
    /// System time.
    pub time: qenex_time,
    /// Who acted; empty for what the engine did by itself.
    pub actor: qenex_text,
    /// On whose behalf.
    pub on_behalf_of: qenex_text,
    /// Canonical encoding of the command: immutable bytes.
    pub content: qenex_text,
    /// The personal texts that the content only commits to: text_count values of qenex_text, to be copied out
    /// (memcpy) because they are not aligned.
    pub texts: qenex_text,
    /// QENEX_CHANGE_...
    pub kind: u32,
    /// Number of personal texts; 0: there are none, or they were erased.
    pub text_count: u32,
    /// Zero in this version.
    pub reserved: [u64; 4],
}

answers! {
    qenex_transfer_record: 304;
    qenex_statement_line: 440;
    qenex_hold_record: 184;
    qenex_feed_entry: 120;
}
