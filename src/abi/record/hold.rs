//! Records of holds: placing, increasing, capturing and releasing.

use super::{qenex_amount, qenex_date, qenex_id, qenex_text, qenex_time, records};

/// A hold: sets an amount aside on an account until it is captured, released or expires. 184 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_hold {
    /// The hold's id and idempotency key.
    pub id: qenex_id,
    /// The account that a capture will debit, or none when debit_number names it.
    pub debit_id: qenex_id,
    /// The account that a capture will credit; none, with an empty credit_number: the capture names it.
    pub credit_id: qenex_id,
    /// Minor units, greater than zero.
    pub amount: qenex_amount,
    /// Stored and returned, never read: a number of 128 bits in network order.
    pub user_data_128: [u8; 16],
    /// Stored and returned, never read.
    pub user_data_64: u64,
    /// 0: the hold does not expire. Otherwise later than the command's time.
    pub expires_at: qenex_time,
    /// External number of the account to debit, when debit_id is none.
    pub debit_number: qenex_text,
    /// External number of the account to credit, when credit_id is none.
    pub credit_number: qenex_text,
    /// Why; at most 256 bytes.
    pub reason: qenex_text,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// Stored and returned, never read.
    pub user_data_32: u32,
    /// Number of the asset.
    pub asset: u32,
    /// QENEX_HOLD_KIND_...; 0: an authorisation.
    pub kind: u32,
    /// 0 to 255: a capture does not count what holds of lower priority set aside, so that the higher one is served first.
    pub priority: u32,
    /// QENEX_HOLD_FORCE; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Adds to a hold. 96 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_hold_increase {
    /// Idempotency key.
    pub key: qenex_id,
    /// The hold's id.
    pub hold: qenex_id,
    /// Minor units to add, greater than zero.
    pub amount: qenex_amount,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_HOLD_FORCE; QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Turns a hold, or a part of it, into a transfer. 240 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_hold_capture {
    /// Id of the transfer, and idempotency key.
    pub id: qenex_id,
    /// The hold's id.
    pub hold: qenex_id,
    /// The account to credit; none, with an empty credit_number: the hold's counterparty.
    pub credit_id: qenex_id,
    /// Minor units; zero: all that is left of the hold.
    pub amount: qenex_amount,
    /// Stored and returned, never read: a number of 128 bits in network order.
    pub user_data_128: [u8; 16],
    /// As in qenex_transfer.
    pub functional_amount: qenex_amount,
    /// As in qenex_transfer.
    pub rate: qenex_amount,
    /// Stored and returned, never read.
    pub user_data_64: u64,
    /// External number of the account to credit, when credit_id is none.
    pub credit_number: qenex_text,
    /// As in qenex_transfer.
    pub end_to_end_reference: qenex_text,
    /// As in qenex_transfer.
    pub reference: qenex_text,
    /// As in qenex_transfer.
    pub narrative: qenex_text,
    /// As in qenex_transfer.
    pub metadata: qenex_text,
    /// As in qenex_transfer.
    pub source_system: qenex_text,
    /// As in qenex_transfer.
    pub rate_source: qenex_text,
    /// As in qenex_transfer.
    pub on_behalf_of: qenex_text,
    /// Stored and returned, never read.
    pub user_data_32: u32,
    /// Transaction code of the host's.
    pub code: u32,
    /// QENEX_HOLD_FORCE, QENEX_HOLD_LAST; QENEX_LINKED.
    pub flags: u32,
    /// 0: the entity's business date.
    pub booking_date: qenex_date,
    /// 0: the booking date.
    pub value_date: qenex_date,
    /// Decimals of the rate, 0 to 38.
    pub rate_scale: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

/// Gives back what is left of a hold. 80 bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct qenex_hold_release {
    /// Idempotency key.
    pub key: qenex_id,
    /// The hold's id.
    pub hold: qenex_id,
    /// The principal on whose behalf the session acts in this item; empty: as the session says.
    pub on_behalf_of: qenex_text,
    /// QENEX_LINKED.
    pub flags: u32,
    /// Must be zero.
    pub padding: u32,
    /// Must be zero.
    pub reserved: [u64; 4],
}

records! {
    qenex_hold: 184, reserved padding | reserved,
        texts [debit_number, credit_number, reason, on_behalf_of], bytes [];
    qenex_hold_increase: 96, reserved padding | reserved, texts [on_behalf_of], bytes [];
    qenex_hold_capture: 240, reserved reserved,
        texts [credit_number, end_to_end_reference, reference, narrative, metadata, source_system, rate_source, on_behalf_of], bytes [];
    qenex_hold_release: 80, reserved padding | reserved, texts [on_behalf_of], bytes [];
}
